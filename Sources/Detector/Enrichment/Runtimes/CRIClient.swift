// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

/// The Kubernetes Container Runtime Interface, `runtime.v1.RuntimeService`, over gRPC.
struct CRIClient: RuntimeClient {
    private let channel: RuntimeChannel

    init(_ channel: RuntimeChannel) { self.channel = channel }

    var socket: RuntimeSocket { channel.socket }

    /// The codes of gRPC that are told apart.
    private enum Status {
        static let fine = 0, notFound = 5
    }

    func describe(_ container: ContainerID) async throws(RuntimeError) -> ContainerDescription? {
        if let message = try await status("ContainerStatus", of: container.text) {
            return try await describe(container, message)
        }
        // The container that holds a pod's namespaces is known as the pod's sandbox.
        guard let message = try await status("PodSandboxStatus", of: container.text) else { return nil }
        let answer: CRISandbox
        do throws(ProtobufMessage.Malformed) { answer = try CRISandbox(message) } catch { throw unreadable(error) }
        return answer.id == container.text ? answer.ownDescription(runtime: try await runtimeName()) : nil
    }

    private func describe(_ container: ContainerID, _ message: ProtobufMessage) async throws(RuntimeError) -> ContainerDescription? {
        let answer: CRIContainer
        do throws(ProtobufMessage.Malformed) { answer = try CRIContainer(message) } catch { throw unreadable(error) }
        // Runtimes accept the beginning of an id as well.
        guard answer.id == container.text else { return nil }
        var description = answer.description
        description.runtime = try await runtimeName()
        // What is the pod's is left out where the sandbox cannot be asked for: the labels of the container name the pod.
        guard let id = answer.sandbox, let sandbox = try? await status("PodSandboxStatus", of: id) else { return description }
        (try? CRISandbox(sandbox))?.add(to: &description)
        return description
    }

    func version() async throws(RuntimeError) -> String {
        let message = try await versionMessage()
        return "\(message.text(2)) \(message.text(3))"
    }

    private func runtimeName() async throws(RuntimeError) -> String { try await versionMessage().text(2) }

    private func versionMessage() async throws(RuntimeError) -> ProtobufMessage {
        guard let message = try await call("Version", ProtobufWriter()) else {
            throw RuntimeError(.refused, "\(socket) does not tell its version")
        }
        return message
    }

    // Nil when there is none of that id.
    private func status(_ method: String, of id: String) async throws(RuntimeError) -> ProtobufMessage? {
        var request = ProtobufWriter()
        request.add(1, id)
        request.add(2, 1)
        return try await call(method, request)
    }

    /// Calls a method; nil when the answer's status is "not found".
    func call(_ method: String, _ request: ProtobufWriter, of service: String = "RuntimeService") async throws(RuntimeError)
        -> ProtobufMessage?
    {
        let answer = try await channel.send(
            .post, "/runtime.v1.\(service)/\(method)",
            headers: [HTTPHeader("Content-Type", "application/grpc"), HTTPHeader("TE", "trailers")],
            body: GRPCFrame.bytes(of: request.bytes), version: .two)
        guard answer.status == 200 else { throw RuntimeError(.refused, "\(socket) answers \(answer.status) to \(method)") }
        // An answer without a body has its status in the head.
        let words = answer.trailers + answer.head.headers
        let status = words.first { $0.name.lowercased() == "grpc-status" }.flatMap { Int($0.value) }
        if status == Status.notFound { return nil }
        guard status == Status.fine else {
            let message = words.first { $0.name.lowercased() == "grpc-message" }?.value ?? "no reason told"
            throw RuntimeError(.refused, "\(socket) refuses \(method) with code \(status.map { "\($0)" } ?? "?"): \(message)")
        }
        do throws(ProtobufMessage.Malformed) {
            return try ProtobufMessage(try GRPCFrame.message(in: answer.body))
        } catch {
            throw unreadable(error)
        }
    }

    private func unreadable(_ error: ProtobufMessage.Malformed) -> RuntimeError {
        RuntimeError(.malformed, "\(socket) answers with what cannot be read: \(error.problem)")
    }
}

/// The envelope of one message in gRPC: a byte for compression, which we never ask for, and the length.
enum GRPCFrame {
    static func bytes(of message: [UInt8]) -> [UInt8] {
        let length = UInt32(message.count)
        return [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + message
    }

    static func message(in bytes: [UInt8]) throws(ProtobufMessage.Malformed) -> ArraySlice<UInt8> {
        guard bytes.count >= 5 else { throw ProtobufMessage.Malformed(problem: "an answer without a message") }
        guard bytes[0] == 0 else { throw ProtobufMessage.Malformed(problem: "a compressed message, which was not asked for") }
        let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard length == bytes.count - 5 else { throw ProtobufMessage.Malformed(problem: "a message of another length than announced") }
        return bytes[5...]
    }
}
