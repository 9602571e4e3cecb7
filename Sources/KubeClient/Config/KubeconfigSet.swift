// SPDX-License-Identifier: Apache-2.0

/// What one or more kubeconfig files name, merged as kubectl does: of the same name in two files the first stands, whole.
struct KubeconfigSet {
    /// The entries of one of the three lists, by name, in the order of the files.
    struct Entries {
        private(set) var names: [String] = []
        private var values: [String: KubeconfigNode] = [:]

        subscript(name: String) -> KubeconfigNode? { values[name] }

        /// The names as a message tells them.
        var list: String { names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ") }

        mutating func add(_ root: KubeconfigNode, _ list: String, _ member: String) throws(KubeError) {
            var own: Set<String> = []
            for element in try root.elements(list) {
                let name = try element.required("name", "Each entry of \(list) needs one.")
                guard own.insert(name).inserted else { throw element.error("the name '\(name)' stands there twice. Rename one of them.") }
                guard values[name] == nil else { continue }
                names.append(name)
                // An entry of a name alone says nothing: whatever it must have is found missing there.
                values[name] = try element.member(member) ?? element
            }
        }
    }

    private(set) var currentContext: String?
    private(set) var contexts = Entries()
    private(set) var clusters = Entries()
    private(set) var users = Entries()
    private var files: [String] = []

    /// The files' names as a message tells them.
    var name: String { files.joined(separator: ":") }

    mutating func add(_ text: String, _ file: KubeconfigNode.File) throws(KubeError) {
        files.append(file.name)
        guard let root = try KubeconfigNode.root(text, file) else { return }
        let context = try root.text("current-context")
        currentContext = currentContext ?? context
        try contexts.add(root, "contexts", "context")
        try clusters.add(root, "clusters", "cluster")
        try users.add(root, "users", "user")
    }

    /// Looks a context up; a nil or empty name means the current one.
    func context(_ wanted: String?) throws(KubeError) -> KubeconfigContext {
        let asked = wanted.flatMap { $0.isEmpty ? nil : $0 }
        guard let name = asked ?? currentContext else {
            throw KubeError(.config, "\(self.name) has no current-context: name one (it has \(contexts.list)).")
        }
        guard let context = contexts[name] else { throw missing("context", name, contexts) }
        let clusterName = try context.required("cluster", "Name one of \(clusters.list).")
        guard let cluster = clusters[clusterName] else { throw missing("cluster", clusterName, clusters) }
        let userName = try context.text("user")
        var user: KubeconfigNode?
        if let userName {
            user = users[userName]
            guard user != nil else { throw missing("user", userName, users) }
        }
        return KubeconfigContext(cluster: cluster, user: user, namespace: try context.text("namespace") ?? "default")
    }

    private func missing(_ what: String, _ wanted: String, _ known: Entries) -> KubeError {
        KubeError(.config, "\(name) has no \(what) '\(wanted)' (it has \(known.list)).")
    }
}
