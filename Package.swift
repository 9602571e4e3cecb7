// swift-tools-version: 6.2
// The house in walking order: ARCHITECTURE.md tells the walk, Tests/TidyTests owns the arrows between modules.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let webSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")

func part(_ name: String, _ path: String? = nil, needs: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []) -> Target {
    .target(
        name: name, dependencies: needs, path: "Sources/" + (path ?? name), exclude: readme(path ?? name),
        swiftSettings: strict, plugins: plugins)
}

func tests(_ name: String, needs: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: needs, path: "Tests/\(name)", swiftSettings: strict)
}

func readme(_ path: String) -> [String] { path == "KubeSim" ? ["README.md"] : [] }

let package = Package(
    name: "saker",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "saker", targets: ["saker"])],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.97.0"),
    ],
    targets: [
        // Storey 0: the nouns, places in text, and C made callable.
        part("EventModel"),
        part("SourceText"),
        .target(
            name: "CProbe", path: "Sources/CProbe",
            linkerSettings: [.linkedLibrary("bpf"), .linkedLibrary("elf"), .linkedLibrary("z")]),
        .target(name: "CAttacks", path: "Sources/CAttacks"),
        .systemLibrary(name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .plugin(name: "ProbeObject", capability: .buildTool(), path: "Plugins/ProbeObject"),

        // Storey 1: hashes, the two languages, the kernel's records, HTTP.
        part("Hashing", needs: ["COpenSSL"]),
        part("RuleLanguage", "Detector/RuleLanguage", needs: ["EventModel", "SourceText", yams]),
        part("ResponseLanguage", "Responder/ResponseLanguage", needs: ["EventModel", "SourceText", yams]),
        part("Capture", "Detector/Capture", needs: ["EventModel", "CProbe"], plugins: ["ProbeObject"]),
        part("Transport", needs: ["CCurl", "COpenSSL"]),

        // Storey 2: clients, and tools for those who write rules.
        part("KubeClient", needs: ["EventModel", "Transport", yams]),
        part("AWSClient", needs: ["EventModel", "Hashing", "Transport"]),
        part("RuleTools", "Detector/RuleTools", needs: ["EventModel", "SourceText", "RuleLanguage", yams]),

        // Storey 3: what the two halves stand on.
        part("Enrichment", "Detector/Enrichment", needs: ["EventModel", "Transport", "KubeClient"]),
        part("EventSources", "Detector/EventSources", needs: ["EventModel", "CZstd", "Capture"]),
        part("Delivery", needs: ["EventModel", "COpenSSL", "Transport", "KubeClient"]),
        part("Records", needs: ["EventModel", "Hashing", "AWSClient", grdb]),
        part("Guardrails", "Responder/Guardrails", needs: ["EventModel"]),

        // Storey 4: the two halves. They never import each other: they share `Alert`.
        part("Actions", "Responder/Actions", needs: ["EventModel", "Hashing", "ResponseLanguage", "KubeClient", "AWSClient", "Records"]),
        part("Detector", "Detector/Pipeline", needs: ["EventModel", "RuleLanguage", "Capture", "Enrichment", "EventSources", "Delivery"]),
        part("Responder", "Responder/Engine", needs: ["EventModel", "ResponseLanguage", "Guardrails", "Actions", "KubeClient", "Records"]),

        // Storey 5: the intake and the embedded cluster.
        part("Console", needs: ["EventModel", "SourceText", "Hashing", "Records", "COpenSSL", yams, hummingbird, hummingbirdTLS, log]),
        part("KubeSim", needs: ["COpenSSL", hummingbird, hummingbirdTLS, webSocket, log]),

        // Storey 6: the command line, where all parts meet.
        .executableTarget(
            name: "saker",
            dependencies: [
                "EventModel", "SourceText", "RuleLanguage", "RuleTools", "ResponseLanguage", "Capture", "Transport", "KubeClient",
                "AWSClient", "Enrichment", "EventSources", "Delivery", "Records", "Guardrails", "Actions", "Detector", "Responder",
                "Console", "KubeSim", "CAttacks", yams, arguments,
            ],
            path: "Sources/saker", swiftSettings: strict),

        // What fuzz/run feeds with inputs.
        .executableTarget(
            name: "saker-fuzz", dependencies: ["EventModel", "SourceText", "RuleLanguage"], path: "fuzz/saker-fuzz", swiftSettings: strict),

        // What bench/run counts and times.
        .executableTarget(
            name: "saker-bench",
            dependencies: ["EventModel", "SourceText", "CProbe", "Capture", "RuleLanguage", "Enrichment", "Detector"],
            path: "bench/saker-bench", swiftSettings: strict),

        .executableTarget(
            name: "saker-bench-match", dependencies: ["EventModel", "SourceText", "Capture", "RuleLanguage", "Enrichment", "EventSources"],
            path: "bench/saker-bench-match", swiftSettings: strict),

        .executableTarget(
            name: "saker-bench-respond",
            dependencies: [
                "EventModel", "SourceText", "Detector", "ResponseLanguage", "Guardrails", "Actions", "KubeClient", "KubeSim", "Records",
                "Responder",
            ],
            path: "bench/saker-bench-respond", swiftSettings: strict),

        // Tests: one folder a module; Specs/ holds cases as data; Support/ holds real peers that tests talk to.
        .target(name: "MotoServer", dependencies: ["AWSClient", "EventModel"], path: "Tests/Support/MotoServer", swiftSettings: strict),
        .target(name: "ContainerRuntimes", path: "Tests/Support/ContainerRuntimes", swiftSettings: strict),
        .target(name: "StubServer", path: "Tests/Support/StubServer", swiftSettings: strict),
        tests("EventModelTests", needs: ["EventModel", "SourceText"]),
        tests("RuleLanguageTests", needs: ["RuleLanguage", "EventModel", "SourceText", "Capture", "Enrichment", yams]),
        tests("RuleToolsTests", needs: ["RuleTools", "RuleLanguage", "EventModel", "SourceText"]),
        tests("ResponseLanguageTests", needs: ["ResponseLanguage", "EventModel", "SourceText", yams]),
        tests("CaptureTests", needs: ["Capture", "CProbe", "EventModel"]),
        tests("TransportTests", needs: ["Transport", "StubServer"]),
        tests("KubeClientTests", needs: ["KubeClient", "Transport", "EventModel", "StubServer"]),
        tests("AWSClientTests", needs: ["AWSClient", "Transport", "EventModel", "Hashing", "StubServer", "MotoServer"]),
        tests("EnrichmentTests", needs: ["Enrichment", "EventModel", "KubeClient", "Transport", "ContainerRuntimes"]),
        tests("DeliveryTests", needs: ["Delivery", "EventModel", "KubeClient", "KubeSim", "Records", "StubServer", "Transport"]),
        tests("RecordsTests", needs: ["Records", "EventModel", "AWSClient", "MotoServer"]),
        tests("GuardrailsTests", needs: ["Guardrails", "EventModel"]),
        tests(
            "DetectorTests",
            needs: [
                "Detector", "EventSources", "Capture", "CProbe", "Enrichment", "RuleLanguage", "Delivery", "EventModel",
                "SourceText", "ContainerRuntimes",
            ]),
        tests(
            "ResponderTests",
            needs: [
                "Responder", "Actions", "ResponseLanguage", "Guardrails", "KubeClient", "KubeSim", "Records", "Delivery",
                "EventModel", "SourceText", "AWSClient", "MotoServer", "StubServer",
            ]),
        tests("ConsoleTests", needs: ["Console", "EventModel", "Hashing", "SourceText", "Transport", "StubServer"]),
        tests("KubeSimTests", needs: ["KubeSim"]),
        tests("ClusterTests", needs: ["KubeClient", "KubeSim", "Transport", "EventModel"]),
        tests(
            "KernelTests", needs: ["Capture", "CProbe", "EventModel", "SourceText", "Enrichment", "RuleLanguage", "Detector"]),
        tests("EvtgenSuiteTests", needs: ["Detector", "Capture", "Enrichment", "EventModel", "RuleLanguage", "SourceText", yams]),
        tests(
            "CommandTests",
            needs: [
                "saker", "SourceText", "Guardrails", "Actions", "ResponseLanguage", "Console", "Delivery", "EventModel", "KubeSim",
                "Records",
                yams,
            ]),
        tests("TidyTests", needs: ["RuleLanguage", "ResponseLanguage", "Actions", "SourceText", "EventModel"]),
    ]
)
