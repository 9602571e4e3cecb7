// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Transport

/// Where notices go by HTTP: an address, which may be a secret in a file.
public enum NoticeAddress: Sendable, Hashable {
    /// The address itself.
    case url(String)
    /// A file that holds it; it is read at every try, so that it can be exchanged.
    case file(String)

    /// Why the address cannot be used; nil when it can. Plain HTTP is for this machine only.
    public var objection: String? {
        do throws(DeliveryError) {
            _ = try read()
            return nil
        } catch {
            return error.message
        }
    }

    /// What messages call it.
    var name: String {
        switch self {
        case .url(let url): url
        case .file(let path): "the address in \(path)"
        }
    }

    func read() throws(DeliveryError) -> String {
        let url =
            switch self {
            case .url(let url): url
            case .file(let path): try SecretText.read(path)
            }
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw DeliveryError(.badAddress, "\(name) is no address; expected https://HOST/PATH.")
        }
        let isLocal = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard parts.scheme == "https" || (parts.scheme == "http" && isLocal) else {
            throw DeliveryError(.badAddress, "\(name) must begin with https://; plain http is for this machine only.")
        }
        return url
    }
}

enum SecretText {
    /// A secret's file without the white space around it. Throws when it cannot be read or is empty.
    static func read(_ path: String) throws(DeliveryError) -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DeliveryError(.cannotOpen, "The file \(path) cannot be read; notices wait until it can.")
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw DeliveryError(.badAddress, "The file \(path) is empty; notices wait until it is not.") }
        return text
    }
}

/// How long one try may take unless somebody says otherwise: notices wait in the journal, so a slow destination is asked again later.
enum NoticeLimits {
    static let standard = HTTPLimits(connect: .seconds(5), total: .seconds(10), bodyBytes: 1 << 20)
}

/// One try to hand a notice over by HTTP, and what its answer means.
struct NoticeRequest {
    let address: NoticeAddress
    let body: [UInt8]
    let limits: HTTPLimits
    var headers: [HTTPHeader] = []

    func send(by client: HTTPClient) async -> DeliveryAnswer {
        let url: String
        do throws(DeliveryError) { url = try address.read() } catch { return .later(why: error.message, after: nil) }
        let fixed = [HTTPHeader("Content-Type", "application/json"), HTTPHeader("User-Agent", "saker")]
        do throws(TransportError) {
            let request = HTTPRequest(.post, url, headers: fixed + headers, body: body, limits: limits)
            return Self.meaning(try await client.send(request), address.name)
        } catch {
            return .later(why: Self.hiding(url, in: error.message, address.name), after: nil)
        }
    }

    // The address may be a secret, and the transport's message names it, without its query.
    private static func hiding(_ url: String, in message: String, _ name: String) -> String {
        let path = url.split(separator: "?").first.map(String.init) ?? url
        return message.replacingOccurrences(of: url, with: name).replacingOccurrences(of: path, with: name)
    }

    /// What was refused for its content will be refused again; all else may change, if only because a person sets it right.
    static func meaning(_ response: HTTPResponse, _ name: String) -> DeliveryAnswer {
        let words = String(decoding: response.body.prefix(200), as: UTF8.self)
        let sentence = "\(name) answered \(response.status)" + (words.isEmpty ? "" : ": \(words)")
        switch response.status {
        case 200..<300: return .accepted
        case 400, 413, 415, 422: return .refused(why: sentence)
        case _: return .later(why: sentence, after: response.head.header("Retry-After").flatMap(seconds))
        }
    }

    // A day is as long as a notice is kept; a longer wait would never end.
    private static func seconds(_ text: String) -> Duration? { Int(text).map { .seconds(min(max(0, $0), 86_400)) } }
}
