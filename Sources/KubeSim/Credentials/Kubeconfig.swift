// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// How a kubeconfig proves who its user is.
public enum KubeconfigUser: Sendable, Hashable {
    /// The administrator, by token.
    case administrator
    /// A user of the options, by the token given there.
    case token(user: String)
    /// Any user with any groups, by a certificate made for this call; its key is in the text only.
    case certificate(user: String, groups: [String] = [])
    /// Whoever this token stands for, such as one of `serviceaccounts/token`.
    case bearer(String)
}

/// The text of a kubeconfig with everything embedded.
struct Kubeconfig {
    enum Proof {
        case token(String)
        case certificate(Certificate)
    }

    var url: String
    var authorityPEM: String
    var user: String
    var proof: Proof

    var text: String {
        """
        apiVersion: v1
        kind: Config
        current-context: kubesim
        clusters:
        - name: kubesim
          cluster:
            server: \(url)
            certificate-authority-data: \(Kubeconfig.base64(authorityPEM))
        contexts:
        - name: kubesim
          context:
            cluster: kubesim
            user: "\(user)"
            namespace: default
        users:
        - name: "\(user)"
          user:
        \(proofLines)

        """
    }

    private var proofLines: String {
        switch proof {
        case .token(let token):
            "    token: \(token)"
        case .certificate(let certificate):
            "    client-certificate-data: \(Kubeconfig.base64(certificate.certificatePEM))\n"
                + "    client-key-data: \(Kubeconfig.base64(certificate.keyPEM))"
        }
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
