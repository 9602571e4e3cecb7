// SPDX-License-Identifier: Apache-2.0
import Actions
import Delivery
import EventModel
import KubeClient
import Records
import Responder
import Transport

/// Turns `notify` of the configuration into the notifiers that it names.
enum Notifying {
    /// Throws a `UserError` when an address cannot be used or a file that it names cannot be read.
    static func notifiers(_ configuration: Configuration, _ kube: any Kube) throws -> [any Notifier] {
        let notify = configuration.notify
        var notifiers: [any Notifier] = []
        let client = HTTPClient()
        if !notify.slackURLFile.isEmpty {
            try check(.file(notify.slackURLFile), "notify.slack.url_file")
            notifiers.append(SlackNotifier(urlFile: notify.slackURLFile, client: client))
        }
        if !notify.webhookURL.isEmpty {
            let address = NoticeAddress.url(notify.webhookURL)
            try check(address, "notify.webhook.url")
            notifiers.append(
                WebhookNotifier(
                    address, secretFile: file(notify.webhookSecretFile), tokenFile: file(notify.webhookTokenFile), client: client))
        }
        if notify.kubernetesEvents { notifiers.append(KubernetesEventNotifier(kube, now: ResponderParts.systemTime)) }
        return notifiers
    }

    /// Who of them is told of what.
    static func policy(_ configuration: Configuration, _ notifiers: [any Notifier]) -> NoticePolicy {
        let destinations = notifiers.map { NoticePolicy.Destination($0.name, takesRehearsals: $0.takesRehearsals) }
        return NoticePolicy(destinations, minimumPriority: configuration.notify.minimumPriority)
    }

    private static func check(_ address: NoticeAddress, _ key: String) throws {
        if let objection = address.objection { throw UserError("\(key): \(objection)") }
    }

    private static func file(_ path: String) -> String? { path.isEmpty ? nil : path }
}

extension Notifier {
    /// Sends a notice that waited in the outbox.
    func deliver(_ message: OutboxMessage) async -> DeliveryAnswer {
        do {
            return await send(try message.content(Notice.self), key: message.key)
        } catch {
            return .refused(why: "it is no notice that this version of Saker can read: \(error)")
        }
    }
}
