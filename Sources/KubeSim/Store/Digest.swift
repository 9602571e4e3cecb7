// SPDX-License-Identifier: Apache-2.0

extension KubeSim {
    /// The SHA-256, in hexadecimal, over every stored object and the resource version: equal as long as nothing was written.
    public var storeDigest: String { get async { await cluster.digest } }
}

extension Cluster {
    var digest: String { state.digest }
}

extension ClusterState {
    fileprivate var digest: String {
        let objects = Resource.allCases.flatMap { resource in all(resource).map { "\(resource.rawValue) \($0.object.text)\n" } }
        return sha256(Array("\(version)\n\(objects.joined())".utf8))
    }
}
