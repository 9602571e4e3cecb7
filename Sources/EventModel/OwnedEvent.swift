// SPDX-License-Identifier: Apache-2.0

/// An event that owns the memory its byte views look at: one that was written by hand, where no ring holds the record.
public final class OwnedEvent {
    /// The event, good as long as this object lives.
    public let event: Event
    private let owner: Owner

    /// Keeps what the views of an event look at.
    public final class Owner {
        private var kept: [ByteString] = []

        /// A view of a copy of the bytes, good as long as this object.
        public func own(_ bytes: [UInt8]) -> ByteView {
            let copy = ByteString(bytes)
            kept.append(copy)
            return copy.view
        }
    }

    /// Makes the event with what `make` returns; the texts that it asks to be owned live as long as this object.
    public init(_ make: (_ own: (String) -> ByteView) -> Event) {
        let owner = Owner()
        event = make { owner.own(Array($0.utf8)) }
        self.owner = owner
    }

    /// Makes the event with what `make` returns; the bytes that it asks to be owned live as long as this object.
    public init(owning make: (Owner) -> Event) {
        let owner = Owner()
        event = make(owner)
        self.owner = owner
    }
}

extension ImageFacts {
    /// An image from texts: `name` is cut to the 15 bytes that the kernel keeps, `arguments` are those behind the first one, `exe`.
    public convenience init(
        name: String, exe: String, path: String, arguments: [String] = [], environment: [String] = [], flags: Event.Image.Flags = []
    ) {
        let argv = ByteString(([exe] + arguments).map { $0 + "\0" }.joined())
        let pairs = ByteString(environment.map { $0 + "\0" }.joined())
        let exePath = ByteString(path), comm = ByteString(Array(name.utf8.prefix(15)))
        let image = Event.Image(
            rawPath: exePath.view, exePath: exePath.view, argv: argv.view, environment: pairs.view, cwd: .empty,
            cgroupPathV2: .empty, cgroupPathV1: .empty, flags: flags)
        self.init(name: comm.view, image: image)
        withExtendedLifetime((argv, pairs, exePath, comm)) {}
    }
}
