// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Console
import ResponseLanguage
import SourceText

/// `saker rbac`: the rights that a part of Saker needs on a cluster.
struct RbacCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rbac", abstract: "Print the smallest roles and bindings that the loaded playbooks need, for kubectl apply.",
        discussion: """
            What is needed in all namespaces is in a ClusterRole; what playbooks need only in namespaces that their match names
            (k8s.ns.name=shop in each item of output_fields) is in Roles there. Undoing is counted in. Print it anew when playbooks change.
            """)

    @Argument(help: "The part: detect, respond, or run, which is both.") var part = Part.respond
    @Option(help: "The namespace of the service account.") var namespace = "saker"
    @Option(help: "The service account, which also names the roles (default: saker-PART).") var serviceAccount: String?
    @Option(help: "Playbook files or directories (default: the configuration's).") var responses: [String] = []
    @Option(help: "The file of senders (default: the configuration's respond.senders).") var senders: String?
    @OptionGroup var options: ConfigOptions

    func run() throws {
        var configuration = try options.read()
        if !responses.isEmpty { configuration.responses = responses }
        let playbooks = part == .detect ? nil : try Loading.playbooks(configuration)
        let rights = part.rights(configuration, playbooks, try senders(configuration))
        guard !rights.isEmpty else { throw UserError("saker \(part.rawValue) needs no right on a cluster with this configuration") }
        let account = serviceAccount ?? "saker-\(part.rawValue)"
        print("# The rights of `saker \(part.rawValue)`, printed by `saker rbac \(part.rawValue)`: print them anew when playbooks change.")
        print(RightsManifest(name: account, account: account, namespace: namespace, rights: rights).text, terminator: "")
    }

    /// The entries that are right. What is wrong is told and changes nothing: the token files need not be on this machine.
    private func senders(_ configuration: Configuration) throws -> [SenderEntry] {
        let path = senders ?? configuration.respond.senders
        guard part == .respond, !path.isEmpty else { return [] }
        let file = try SourceFiles.read(path)
        let reader = SendersReader(file)
        Terminal.complain(reader.diagnostics.rendered(from: [file]))
        return reader.entries
    }

    func validate() throws {
        for name in [namespace, serviceAccount ?? "saker"] where name.wholeMatch(of: /[a-z0-9]([a-z0-9.\-]*[a-z0-9])?/) == nil {
            throw ValidationError("'\(name)' is no name for a Kubernetes object: lower case letters, digits, '-' and '.'")
        }
    }
}
