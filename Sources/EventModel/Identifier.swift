// SPDX-License-Identifier: Apache-2.0

/// A string that names one kind of thing, so that a pod's name can never be handed over where its UID is meant.
///
/// `Kind` is a phantom: it is never instantiated.
public struct Identifier<Kind>: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text as it came from the outside, unchanged.
    public let text: String

    /// Wraps a text; no check is made.
    public init(_ text: String) { self.text = text }

    /// Wraps a literal; no check is made.
    public init(stringLiteral value: String) { text = value }

    /// Reads a plain JSON string.
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    /// Writes a plain JSON string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
}

/// The kinds that `Identifier` is made for; none has a value.
public enum Named {
    /// See `TraceID`.
    public enum Trace {}
    /// See `ContainerID`.
    public enum Container {}
    /// See `PodUID`.
    public enum PodUID {}
    /// See `PodName`.
    public enum PodName {}
    /// See `NamespaceName`.
    public enum Namespace {}
    /// See `NodeName`.
    public enum Node {}
    /// See `RuleName`.
    public enum Rule {}
    /// See `PlaybookName`.
    public enum Playbook {}
    /// See `ActionName`.
    public enum Action {}
    /// See `ActuatorName`.
    public enum Actuator {}
}

/// 32 lower-case hex digits given to an alert when it is made; every record about it carries them.
public typealias TraceID = Identifier<Named.Trace>
/// A container's full id: 64 hex digits as the kubelet's cgroup path spells them.
public typealias ContainerID = Identifier<Named.Container>
/// A pod's `metadata.uid`.
public typealias PodUID = Identifier<Named.PodUID>
/// A pod's `metadata.name`.
public typealias PodName = Identifier<Named.PodName>
/// A Kubernetes namespace's name.
public typealias NamespaceName = Identifier<Named.Namespace>
/// A Kubernetes node's name.
public typealias NodeName = Identifier<Named.Node>
/// A detection rule's name (Falco's `rule:`).
public typealias RuleName = Identifier<Named.Rule>
/// A playbook's name (Talon's `rule:`).
public typealias PlaybookName = Identifier<Named.Playbook>
/// The name of one step of a playbook (Talon's `action:`).
public typealias ActionName = Identifier<Named.Action>
/// What carries an action out, as `category:verb` (Talon's `actionner:`), such as `kubernetes:label`.
public typealias ActuatorName = Identifier<Named.Actuator>
