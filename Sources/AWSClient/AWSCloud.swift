// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// The services of AWS that Saker uses, by one set of settings and credentials. Nothing is asked before the first call.
public final class AWSCloud: Sendable {
    private let settings: AWSSettings
    private let surroundings: AWSSurroundings
    private let http: HTTPClient
    private let credentials: CredentialCache
    private let ownRegion: String?

    /// Throws `config` when the certificates that `AWS_CA_BUNDLE` names cannot be read.
    public init(_ settings: AWSSettings, _ surroundings: AWSSurroundings) throws(AWSError) {
        self.settings = settings
        self.surroundings = surroundings
        let region = Self.region(settings, surroundings)
        ownRegion = region
        let http = HTTPClient(tls: TLSSettings(authorities: try Self.authorities(surroundings)))
        self.http = http
        let chain = CredentialChain(settings: settings, surroundings: surroundings)
        // STS answers in every region, so one that nobody named may stand in.
        let fetcher = CredentialFetcher(http: http, region: region ?? Self.firstRegion, surroundings: surroundings)
        credentials = CredentialCache(now: surroundings.now) {
            do throws(AWSError) {
                return .success(try await fetcher.fetch(try chain.source()))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Ends what is under way and the client's thread.
    public func shutDown() { http.shutDown() }

    /// A bucket; a nil region means the settings' own.
    public func bucket(_ name: String, region: String? = nil) throws(AWSError) -> S3Bucket {
        let endpoint = settings.endpoint.isEmpty ? Endpoints.named("s3", surroundings) : settings.endpoint
        // Servers that are not AWS mostly know one region, by the name of AWS's first.
        let region = try required(region ?? ownRegion ?? (endpoint == nil ? nil : Self.firstRegion))
        let address = try S3Address(bucket: name, region: region, endpoint: endpoint, isPathStyle: settings.isPathStyle)
        return S3Bucket(name: name, service: service("s3", region), address: address)
    }

    public func namedServerBucket(_ name: String) throws(AWSError) -> S3Bucket {
        guard !settings.endpoint.isEmpty else {
            throw AWSError(.config, "No S3 server is named for bucket \(name): set aws.endpoint.", isKnownUnsent: true)
        }
        let region = try required(ownRegion ?? Self.firstRegion)
        let address = try S3Address(bucket: name, region: region, endpoint: settings.endpoint, isPathStyle: true)
        return S3Bucket(name: name, service: service("s3", region), address: address)
    }

    /// Lambda in the settings' region.
    public func lambda() throws(AWSError) -> LambdaClient {
        let region = try required(ownRegion)
        return LambdaClient(service: service("lambda", region), origin: try Endpoints.origin("lambda", region, surroundings))
    }

    /// STS in the settings' region.
    public func sts() throws(AWSError) -> STSClient {
        let region = ownRegion ?? Self.firstRegion
        return STSClient(service: service("sts", region), origin: try STSClient.origin(region, surroundings))
    }

    private static let firstRegion = "us-east-1"

    private func service(_ name: String, _ region: String) -> AWSService {
        AWSService(name: name, region: region, http: http, credentials: credentials, surroundings: surroundings)
    }

    private func required(_ region: String?) throws(AWSError) -> String {
        guard let region else {
            throw AWSError(.config, "No region for AWS: set aws.region, AWS_REGION or the profile's region.", isKnownUnsent: true)
        }
        // It becomes part of a host's name.
        guard region.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else {
            throw AWSError(.config, "'\(region)' is no region: write one such as eu-west-1.", isKnownUnsent: true)
        }
        return region
    }

    static func region(_ settings: AWSSettings, _ surroundings: AWSSurroundings) -> String? {
        guard settings.region.isEmpty else { return settings.region }
        let named = surroundings.variable("AWS_REGION") ?? surroundings.variable("AWS_DEFAULT_REGION")
        let profile = settings.profile.isEmpty ? surroundings.variable("AWS_PROFILE") ?? "default" : settings.profile
        return named ?? SharedFiles(surroundings).profile(profile)?["region"]
    }

    private static func authorities(_ surroundings: AWSSurroundings) throws(AWSError) -> [UInt8]? {
        guard let path = surroundings.variable("AWS_CA_BUNDLE") else { return nil }
        guard let bytes = surroundings.readFile(path) else {
            throw AWSError(.config, "Cannot read the certificates in \(path) (AWS_CA_BUNDLE).", isKnownUnsent: true)
        }
        return bytes
    }
}
