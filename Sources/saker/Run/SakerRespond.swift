// SPDX-License-Identifier: Apache-2.0
import Console
import EventModel
import Foundation
import Guardrails
import KubeClient
import Records
import Responder
import ResponseLanguage

/// `saker respond`, from start to stop: the half that acts, with alerts that come over the network.
struct SakerRespond {
    let configuration: Configuration
    /// How long to wait for another responder to let go of the journal.
    var patience = Duration.zero
    /// Reads the configuration again, for a reload.
    let readAgain: @Sendable () throws -> Configuration

    // TERM promises an end within 10 s; what is not answered by then is in the journal.
    private static let drainSeconds = 7.0

    /// Runs until TERM or INT. Throws when it cannot start: nothing is taken in or done then.
    func run() async throws {
        let signals = SignalStream(watching: configuration.mounted)
        let settings = try configuration.respond.intakeSettings()
        let playbooks = try Loading.playbooks(configuration)
        let entries = try Loading.senders(configuration.respond)
        let client = configuration.kubernetes.enabled ? try Loading.cluster(configuration.kubernetes) : nil
        let responder = try await ResponderHalf(configuration, playbooks, client ?? NoCluster(), patience: patience)
        let backlog = try await responder.takeUp()

        let queue = IntakeQueue()
        let senders = SenderBook(entries, now: { Clock.now }, review: client.map(Self.reviewer), log: { Terminal.say($0) })
        var handlers = IntakeHandlers(
            accept: { await queue.admit($0, responder.line.accept) }, trouble: { responder.line.unreadiness },
            log: { Terminal.say($0) })
        handlers.approvals = Self.approvals(configuration.respond, responder)
        let intake = try await IntakeServer.start(settings, senders: senders, handlers: handlers, now: { Clock.now })
        let answering = Task {
            await responder.answer(queue.alerts, resuming: backlog) { accepted in
                await responder.line.answerAccepted(accepted.alert, accepted.id)
                queue.release(accepted.alert)
            }
        }
        let delivering = Task { await responder.deliver() }
        let waiting = Task { await responder.watchClock() }
        let watching = Task { await Self.watchJournal(responder.line) }
        Terminal.say("\(playbooks.playbooks.count) playbooks, \(entries.count) senders, mode \(configuration.modeText)")
        Terminal.sayReady(", listening on \(settings.address.with(port: intake.port))\(settings.tls == nil ? " without TLS" : "")")

        await signals.untilStop { reload(responder, senders, intake) }

        signals.cancel()
        Terminal.tellStopping()
        await intake.stop()
        queue.finish()
        let isDrained = await answering.ends(within: Self.drainSeconds)
        watching.cancel()
        waiting.cancel()
        delivering.cancel()
        await responder.close()
        client?.shutDown()
        Terminal.say("ended\(isDrained ? "" : "; answers were still under way and are in the journal as open")")
    }

    /// Who takes answers of people, where a secret is configured; its file is read again for each call.
    private static func approvals(_ respond: Configuration.Respond, _ responder: ResponderHalf) -> ApprovalHandlers? {
        let files: [ApprovalCaller: String] = [.slack: respond.slackSecretFile, .webhook: respond.approvalSecretFile]
        guard files.values.contains(where: { !$0.isEmpty }) else { return nil }
        return ApprovalHandlers(
            secret: { caller in
                guard let file = files[caller], !file.isEmpty, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    return nil
                }
                let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
                // A short one can be guessed.
                return secret.utf8.count >= 16 ? Array(secret.utf8) : nil
            },
            vote: { number, vote in await responder.vote(vote, on: number) })
    }

    /// While the journal cannot be written nobody sends, so it is tried from here.
    private static func watchJournal(_ line: ResponseLine) async {
        while (try? await Task.sleep(for: .seconds(5))) != nil {
            if line.journalTrouble != nil { await line.tryJournal() }
        }
    }

    private static func reviewer(_ client: KubeClient) -> TokenReviewer {
        { (token, audience) throws(ReviewError) in
            do throws(KubeError) {
                let answer = try await client.create(
                    .tokenReviews, TokenReview.request(token: token, audience: audience), in: nil, WriteOptions(fieldManager: nil))
                return TokenReview(json: answer)
            } catch {
                throw ReviewError(error.message)
            }
        }
    }

    /// Swaps playbooks, guardrails, senders and the certificate when all of them are right; keeps all of them when anything is wrong.
    private func reload(_ responder: ResponderHalf, _ senders: SenderBook, _ intake: IntakeServer) {
        do {
            let fresh = try readAgain()
            let playbooks = try Loading.playbooks(fresh), entries = try Loading.senders(fresh.respond)
            try intake.renewCertificate()
            responder.line.replace(ResponsePolicy(playbooks: playbooks, guardrails: fresh.guardrailSettings))
            senders.replace(entries)
            Terminal.say("reloaded: \(playbooks.playbooks.count) playbooks, \(entries.count) senders, mode \(fresh.mode.rawValue)")
        } catch {
            Terminal.say("NOT reloaded, the former playbooks and senders stay in force:\n\(error)")
        }
    }
}

extension KubeResource {
    /// Reviews of tokens, `authentication.k8s.io/v1`; they can only be created, and nothing is stored.
    static let tokenReviews = KubeResource(
        group: "authentication.k8s.io", version: "v1", plural: "tokenreviews", kind: "TokenReview", isNamespaced: false)
}

extension Configuration {
    /// The mode, with what to do about it.
    var modeText: String {
        switch mode {
        case .act: "act"
        case .rehearse: "rehearse (nothing is changed; say `mode: act` to act)"
        }
    }
}

extension Configuration.Respond {
    /// How the intake listens. Throws a `UserError` when that is not said rightly.
    func intakeSettings() throws -> IntakeSettings {
        guard let address = ListenAddress(listen) else {
            throw UserError("respond.listen is '\(listen)': give an address and a port, such as 127.0.0.1:8443 or :8443")
        }
        guard certificate.isEmpty == key.isEmpty else {
            throw UserError("respond.certificate and respond.key belong together: set both or neither")
        }
        guard !certificate.isEmpty else {
            guard clientAuthority.isEmpty else { throw UserError("respond.client_authority needs respond.certificate and respond.key") }
            return IntakeSettings(address: address, tls: nil)
        }
        let files = IntakeSettings.TLSFiles(
            certificate: certificate, key: key, clientAuthority: clientAuthority.isEmpty ? nil : clientAuthority)
        return IntakeSettings(address: address, tls: files)
    }
}
