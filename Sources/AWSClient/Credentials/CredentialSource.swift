// SPDX-License-Identifier: Apache-2.0

/// Where credentials come from, decided before anybody is asked.
enum CredentialSource: Sendable, Hashable {
    /// They are known already.
    case fixed(AWSCredentials)
    /// STS gives them for a token that a file holds (IRSA on EKS).
    case webIdentity(role: String, tokenFile: String, session: String)
    /// An endpoint beside the container gives them (EKS Pod Identity, ECS).
    case container(url: String, token: ContainerToken)
    /// The metadata service of the EC2 instance gives them.
    case instance(endpoint: String)

    /// What the container's endpoint is shown as `Authorization`.
    enum ContainerToken: Sendable, Hashable {
        case none
        case text(String)
        /// Read again each time, since it is renewed there.
        case file(String)
    }

    /// In words, for a message about credentials that come from there.
    var name: String {
        switch self {
        case .fixed(let credentials): credentials.source
        case .webIdentity(let role, _, _): "the web identity of \(role)"
        case .container(let url, _): "the container's endpoint \(url)"
        case .instance: "the instance's metadata service"
        }
    }
}
