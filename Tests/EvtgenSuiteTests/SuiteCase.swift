// SPDX-License-Identifier: Apache-2.0

/// One case of a suite, with all its values filled in.
struct SuiteCase {
    /// The name of the test and the number of its case.
    var name: String
    var rule: String
    /// Nil when the case is not for this machine.
    var runsHere: Bool
    /// Nil on the host.
    var container: SuiteContainer?
    var processes: [SuiteProcess]
    var before: String?
    var after: String?
    var resources: [SuiteResource]
    var steps: [SuiteStep]
    var expected: Expected

    /// What the alert must say.
    struct Expected {
        var source: String?
        var hostname: String?
        var priority: String?
        var fields: [String: String]
    }
}

/// The container that a case asks for; one of Docker's with all privileges.
struct SuiteContainer: Sendable {
    var name: String
    var image: String
    var environment: [String: String]
}

/// A process of a case's chain.
struct SuiteProcess {
    /// The file that is executed.
    var file: String
    /// The path that it is executed by, whose last component is the process's name.
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// Nil for the user who runs the test.
    var user: String?
    var capabilities: FileCapabilities
}

/// Something that a case has before its steps are made.
struct SuiteResource {
    enum Kind {
        case clientServer(transport: String, address: String)
        case descriptor(subtype: String, path: String)
        case process(SuiteProcess)
    }

    var name: String
    var kind: Kind
}

/// One system call.
struct SuiteStep {
    var name: String
    var call: String
    var arguments: [CallArgument]
}

/// An argument of a system call.
enum CallArgument: Hashable {
    case number(Int)
    case text(String)
    /// The value of an earlier resource or step, such as `server.client.fd`.
    case reference(String)
}
