// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// One verb on one resource that somebody must be allowed, with what needs it.
public struct RequiredRight: Sendable, Hashable {
    /// The API group; empty for the core group.
    public let group: String
    /// The resource's plural, with its part where one is meant, such as `pods/log`.
    public let resource: String
    /// The verb, as RBAC spells it.
    public let verb: String
    /// The namespace in which it is enough; nil when it is needed in all of them.
    public let namespace: String?
    /// What needs it, such as an action's name.
    public let user: String

    /// Names a right and what needs it.
    public init(group: String = "", _ resource: String, _ verb: String, in namespace: String? = nil, for user: String) {
        self.group = group
        self.resource = resource
        self.verb = verb
        self.namespace = namespace
        self.user = user
    }
}

extension PlaybookSet {
    /// The rights that the playbooks' actions use, to act and to be undone. Limited to namespaces as far as every playbook that uses
    /// one is; a right that is needed in all namespaces is not listed again for one of them.
    public var requiredRights: Set<RequiredRight> {
        let all = Set(playbooks.flatMap(\.requiredRights))
        let everywhere = all.filter { $0.namespace == nil }
        return Set(all.map { right in everywhere.contains { $0.isSameVerb(as: right) } ? right.everywhere : right })
    }
}

extension Playbook {
    fileprivate var requiredRights: [RequiredRight] {
        let places: [String?] = namespaces.map { $0.map(Optional.some) } ?? [nil]
        return (steps.actions + steps.finally).flatMap { action in
            action.card.permissions.filter { $0.applies(to: action.parameters) }.flatMap { permission in
                permission.verbs.flatMap { verb in
                    (permission.isEverywhere ? [nil] : places).map { place in
                        RequiredRight(group: permission.group, permission.resource, verb, in: place, for: action.card.name.text)
                    }
                }
            }
        }
    }
}

extension RequiredRight {
    fileprivate var everywhere: RequiredRight { RequiredRight(group: group, resource, verb, for: user) }

    fileprivate func isSameVerb(as other: RequiredRight) -> Bool {
        group == other.group && resource == other.resource && verb == other.verb
    }
}
