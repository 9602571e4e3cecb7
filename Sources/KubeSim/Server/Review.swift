// SPDX-License-Identifier: Apache-2.0

/// The questions about users and rights that are asked by creating an object that is never stored.
enum Review: String, CaseIterable, Sendable {
    case selfSubjectAccess = "selfsubjectaccessreviews"

    var kind: String { "SelfSubjectAccessReview" }
    var group: String { "authorization.k8s.io" }
    var isNamespaced: Bool { false }

    static let groups = ["authorization.k8s.io"]
}
