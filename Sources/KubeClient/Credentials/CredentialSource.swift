// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation

/// Hands out what each request shows, and renews it: a plugin runs once at a time, whoever waits for it.
actor CredentialSource {
    private let credential: ClusterConnection.Credential
    private let now: @Sendable () -> Timestamp
    private var cached: PluginCredential?
    private var running: Task<Result<PluginCredential, KubeError>, Never>?

    init(_ credential: ClusterConnection.Credential, now: @escaping @Sendable () -> Timestamp) {
        self.credential = credential
        self.now = now
    }

    /// What a request sent now shows. A token file is read each time: the kubelet renews it when four fifths of its life are over.
    func current() async throws(KubeError) -> PresentedCredential {
        switch credential {
        case .none: return PresentedCredential()
        case .token(let token): return PresentedCredential(authorization: "Bearer " + token)
        case .tokenFile(let path): return PresentedCredential(authorization: "Bearer " + (try SecretFile.text(path, for: "the token")))
        case .basic(let user, let password):
            return PresentedCredential(authorization: "Basic " + Data((user + ":" + password).utf8).base64EncodedString())
        case .exec(let plugin):
            if let cached, cached.isFresh(at: now()) { return cached.presented }
            return try await obtain(plugin).presented
        }
    }

    /// After a 401: what to try instead of what was refused; nil when there is nothing else.
    func other(than refused: PresentedCredential) async throws(KubeError) -> PresentedCredential? {
        // Of many requests that were refused at once, the first renews for all.
        if cached?.presented == refused { cached = nil }
        let found = try await current()
        return found == refused ? nil : found
    }

    private func obtain(_ plugin: ExecPlugin) async throws(KubeError) -> PluginCredential {
        let task = running ?? Task { [now] in
            do throws(KubeError) { return .success(try await plugin.obtain(at: now())) } catch { return .failure(error) }
        }
        running = task
        let result = await task.value
        if running == task { running = nil }
        let found = try result.get()
        cached = found
        return found
    }
}
