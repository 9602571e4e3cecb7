// SPDX-License-Identifier: Apache-2.0

/// The JSON form: `result` (the label) and `sentence`, with `read_back` after done, `guardrail` after refused, `code` after failed.
extension Outcome {
    private enum CodingKeys: String, CodingKey {
        case result, sentence, guardrail, code
        case readBack = "read_back"
    }

    /// Reads the JSON form; an unknown `result` is an error.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let sentence = try container.decode(String.self, forKey: .sentence)
        switch try container.decode(String.self, forKey: .result) {
        case "done": self = .done(Proof(sentence, readBack: try container.decode([String: JSONValue].self, forKey: .readBack)))
        case "skipped": self = .skipped(why: sentence)
        case "refused": self = .refused(Refusal(try container.decode(Refusal.Guardrail.self, forKey: .guardrail), sentence))
        case "rehearsed": self = .rehearsed(would: sentence)
        case "awaiting": self = .awaiting(what: sentence)
        case "failed": self = .failed(Failure(code: try container.decode(String.self, forKey: .code), message: sentence))
        case "unknown": self = .unknown(check: sentence)
        case let other:
            throw DecodingError.dataCorruptedError(forKey: .result, in: container, debugDescription: "unknown result '\(other)'")
        }
    }

    /// Writes the JSON form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(label, forKey: .result)
        switch self {
        case .done(let proof):
            try container.encode(proof.sentence, forKey: .sentence)
            try container.encode(proof.readBack, forKey: .readBack)
        case .refused(let refusal):
            try container.encode(refusal.sentence, forKey: .sentence)
            try container.encode(refusal.guardrail, forKey: .guardrail)
        case .failed(let failure):
            try container.encode(failure.message, forKey: .sentence)
            try container.encode(failure.code, forKey: .code)
        case .skipped, .rehearsed, .awaiting, .unknown:
            try container.encode(sentence, forKey: .sentence)
        }
    }
}
