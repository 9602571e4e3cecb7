// SPDX-License-Identifier: Apache-2.0

/// What a person says about AWS; empty texts leave the choice to the environment, as AWS's own tools do.
public struct AWSSettings: Sendable, Hashable {
    /// The region; empty: `AWS_REGION`, `AWS_DEFAULT_REGION`, then the profile's.
    public var region: String
    /// The address of the S3 server, such as `http://minio:9000`; empty: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, then AWS itself.
    public var endpoint: String
    /// True when the bucket is named in the path instead of in the host's name, as most servers that are not AWS want it.
    public var isPathStyle: Bool
    /// The profile of the shared files; empty: `AWS_PROFILE`, then `default`.
    public var profile: String

    /// Leaves all to the environment, unless told otherwise.
    public init(region: String = "", endpoint: String = "", isPathStyle: Bool = false, profile: String = "") {
        self.region = region
        self.endpoint = endpoint
        self.isPathStyle = isPathStyle
        self.profile = profile
    }
}
