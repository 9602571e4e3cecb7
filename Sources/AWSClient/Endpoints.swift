// SPDX-License-Identifier: Apache-2.0

/// Where the services are that have one address a region; the environment's names are those of AWS's own tools.
enum Endpoints {
    static func origin(_ service: String, _ region: String, _ surroundings: AWSSurroundings) throws(AWSError) -> String {
        guard let named = named(service, surroundings) else { return "https://\(service).\(region).\(S3Address.domain(of: region))" }
        let server = try Server(named)
        return server.scheme + "://" + server.authority
    }

    /// `AWS_ENDPOINT_URL_S3` and its like, then `AWS_ENDPOINT_URL`.
    static func named(_ service: String, _ surroundings: AWSSurroundings) -> String? {
        surroundings.variable("AWS_ENDPOINT_URL_" + service.uppercased()) ?? surroundings.variable("AWS_ENDPOINT_URL")
    }
}
