// SPDX-License-Identifier: Apache-2.0

/// The questions about users and rights that are asked by creating an object that is never stored.
enum Review: String, CaseIterable, Sendable {
    case selfSubjectAccess = "selfsubjectaccessreviews"
    case subjectAccess = "subjectaccessreviews"
    case localSubjectAccess = "localsubjectaccessreviews"
    case selfSubjectRules = "selfsubjectrulesreviews"
    case selfSubject = "selfsubjectreviews"
    case token = "tokenreviews"

    var kind: String {
        switch self {
        case .selfSubjectAccess: "SelfSubjectAccessReview"
        case .subjectAccess: "SubjectAccessReview"
        case .localSubjectAccess: "LocalSubjectAccessReview"
        case .selfSubjectRules: "SelfSubjectRulesReview"
        case .selfSubject: "SelfSubjectReview"
        case .token: "TokenReview"
        }
    }

    var group: String {
        switch self {
        case .selfSubjectAccess, .subjectAccess, .localSubjectAccess, .selfSubjectRules: "authorization.k8s.io"
        case .selfSubject, .token: "authentication.k8s.io"
        }
    }

    var isNamespaced: Bool { self == .localSubjectAccess }

    /// What creating one takes.
    func attributes(in namespace: String?) -> Attributes {
        Attributes(verb: Verb.create.rawValue, group: group, resource: rawValue, namespace: namespace)
    }

    static let groups = ["authorization.k8s.io", "authentication.k8s.io"]
}
