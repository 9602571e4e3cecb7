// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import SourceText

/// Where what an action gathered is kept, as the playbook's `output` says it.
public enum PlannedOutput: Sendable, Hashable {
    /// `local:file`: a file in this folder.
    case folder(String)
    /// `aws:s3`: an object of this bucket below this prefix; a nil region means the configuration's.
    case s3(bucket: String, prefix: String, region: String?)
    /// `minio:s3`: the same on the S3 server that the configuration names.
    case minio(bucket: String, prefix: String)
}

/// Checks the `output` of one action, by Talon's names and parameters.
struct OutputCheck {
    let item: String

    private static let bucket = ActionParameter("bucket", .text, isRequired: true, "The bucket")
    private static let prefix = ActionParameter("prefix", .text, "What keys begin with")
    private static let targets: [(name: String, parameters: [ActionParameter])] = [
        ("local:file", [ActionParameter("destination", .text, isRequired: true, "The folder")]),
        ("minio:s3", [bucket, prefix]),
        ("aws:s3", [bucket, prefix, ActionParameter("region", .text, "The bucket's region")]),
    ]

    /// The output of an action whose card is given; nil when it has none, or when what it says is wrong.
    func output(
        of block: ActionBlock, _ card: ActionCard, at place: SourceLocation, _ bag: inout DiagnosticBag
    ) -> PlannedOutput? {
        guard let target = block.outputTarget else {
            if card.requiresOutput {
                bag.error(.value, "an output is required: \(card.name) must be told where to keep what it gathers", at: place, item: item)
            }
            if let entry = block.outputParameters.first {
                bag.warning(.ignored, "'output' has parameters and no target; it is ignored", at: entry.keyPlace, item: item)
            }
            return nil
        }
        guard card.allowsOutput else {
            bag.warning(
                .ignored, "'output' has no effect: \(card.name) gathers nothing, and its result goes to the result store", at: target.place,
                item: item)
            return nil
        }
        guard let known = Self.targets.first(where: { $0.name == target.value }) else {
            bag.error(.value, Self.unknown(target.value), at: target.place, item: item)
            return nil
        }
        let check = ParameterCheck(name: known.name, parameters: known.parameters, item: item)
        return Self.output(target.value, check.values(of: block.outputParameters, of: target.place, &bag))
    }

    private static func output(_ target: String, _ values: [String: JSONValue]) -> PlannedOutput? {
        let prefix = values["prefix"]?.string ?? ""
        guard target != "local:file" else { return values["destination"]?.string.map { .folder($0) } }
        guard let bucket = values["bucket"]?.string else { return nil }
        return target == "minio:s3"
            ? .minio(bucket: bucket, prefix: prefix) : .s3(bucket: bucket, prefix: prefix, region: values["region"]?.string)
    }

    private static func unknown(_ target: String) -> String {
        if target == "gcp:gcs" { return "unknown target 'gcp:gcs': it is one of Talon's, and not available in this version of Saker" }
        return "unknown target '\(target)'" + expectation(target, among: targets.map(\.name))
    }
}
