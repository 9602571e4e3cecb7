// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import FoundationXML

/// The texts of an XML document's leaves, each with the names of its elements from the root on, such as `Error/Code`, in their order.
///
/// Nothing outside of the document is fetched for it, and declarations of entities make it no document.
struct XMLFields {
    let leaves: [(path: String, text: String)]

    /// Nil when the bytes are no XML.
    init?(_ bytes: [UInt8]) {
        // Expanding entities of its own is the one way in which a small document becomes a large one.
        guard !bytes.isEmpty, bytes.firstRange(of: Array("<!DOCTYPE".utf8)) == nil else { return nil }
        let collector = Collector()
        let parser = XMLParser(data: Data(bytes))
        parser.shouldResolveExternalEntities = false
        parser.delegate = collector
        guard parser.parse() else { return nil }
        leaves = collector.leaves
    }

    /// The text of the first leaf of that path.
    subscript(_ path: String) -> String? { leaves.first { $0.path == path }?.text }

    /// The text of the first leaf of that name, however deep.
    func first(named name: String) -> String? { leaves.first { $0.path == name || $0.path.hasSuffix("/" + name) }?.text }

    private final class Collector: NSObject, XMLParserDelegate {
        var leaves: [(path: String, text: String)] = []
        private var names: [String] = []
        private var text = ""
        private var isLeaf = false

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String] = [:]
        ) {
            guard names.count < 64 else { return parser.abortParsing() }
            names.append(name)
            text = ""
            isLeaf = true
        }

        func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            if isLeaf { leaves.append((names.joined(separator: "/"), text)) }
            isLeaf = false
            names.removeLast()
        }
    }
}
