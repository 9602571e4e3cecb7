// SPDX-License-Identifier: Apache-2.0

/// One call in words, for messages: what is asked of whom, and whether asking twice does no more than asking once.
struct AWSCall: Sendable, CustomStringConvertible {
    /// The right that it needs, as IAM spells it, such as `s3:PutObject`.
    let right: String
    /// What it is about, such as `s3://bucket/key`.
    let resource: String
    /// True when it may be sent again after a failure that leaves open whether it was carried out.
    let isRepeatable: Bool

    init(_ right: String, _ resource: String, isRepeatable: Bool = true) {
        self.right = right
        self.resource = resource
        self.isRepeatable = isRepeatable
    }

    var description: String { resource.isEmpty ? right : right + " on " + resource }
}
