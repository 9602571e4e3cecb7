// SPDX-License-Identifier: Apache-2.0

public import AWSClient
public import Records
public import ResponseLanguage

/// What actions reach beside the cluster. A rehearsal hands in `rehearsing`, and no action can tell.
public struct ActionClients: Sendable {
    /// AWS's functions.
    public var cloud: any Cloud
    /// Where what was gathered is kept.
    public var outputs: any Outputs
    /// Whether an action waits for what follows from its act, such as the end of a pod; in a rehearsal nothing follows.
    public var waits = true

    /// Brings both together.
    public init(cloud: any Cloud, outputs: any Outputs) {
        self.cloud = cloud
        self.outputs = outputs
    }

    /// None: actions that need one fail and say so.
    public static let none = ActionClients(cloud: NoCloud(), outputs: ConfiguredOutputs(NoCloud()))

    /// The same places, in which nothing is changed.
    public var rehearsing: ActionClients {
        var clients = ActionClients(cloud: DryRunCloud(cloud), outputs: RehearsalOutputs(outputs))
        clients.waits = false
        return clients
    }
}

/// Finds the store that a playbook's `output` names.
public protocol Outputs: Sendable {
    /// The store. Throws when the configuration has nothing to make it from.
    func store(for output: PlannedOutput) throws(AWSError) -> any ObjectStore
}

/// The stores of a configuration.
public struct ConfiguredOutputs: Outputs {
    private let buckets: any Buckets

    /// Keeps in folders, and in these buckets.
    public init(_ buckets: any Buckets) { self.buckets = buckets }

    public func store(for output: PlannedOutput) throws(AWSError) -> any ObjectStore {
        switch output {
        case .folder(let folder): return FolderResultStore(folder: folder)
        case .s3(let bucket, let prefix, let region): return S3ResultStore(try buckets.bucket(bucket, region: region), prefix: prefix)
        case .minio(let bucket, let prefix): return S3ResultStore(try buckets.namedServerBucket(bucket), prefix: prefix)
        }
    }
}

/// The same stores, in which nothing is kept.
public struct RehearsalOutputs: Outputs {
    private let inner: any Outputs

    /// Speaks for those stores.
    public init(_ inner: any Outputs) { self.inner = inner }

    public func store(for output: PlannedOutput) throws(AWSError) -> any ObjectStore {
        RehearsalObjectStore(try inner.store(for: output))
    }
}
