// SPDX-License-Identifier: Apache-2.0
import EventModel
import ResponseLanguage

/// What an action tells about itself, for a person who writes a playbook.
enum CardText {
    static func block(_ card: ActionCard) -> String {
        let facts = [word(card.kind), card.defaultContinue ? "the next action follows" : "no action follows unless 'continue: true'"]
            + (card.allowsOutput ? ["may have an output"] : [])
        let parameters = card.parameters.map { parameter in
            "    \(parameter.name)\(parameter.isRequired ? " (required)" : ""): \(word(parameter.shape)). \(parameter.summary)"
        }
        return (["\(card.name)", "  \(card.summary) (\(facts.joined(separator: "; ")))"] + parameters).joined(separator: "\n")
    }

    private static func word(_ kind: ActKind) -> String {
        switch kind {
        case .observe: "changes nothing"
        case .reversible: "can be taken back"
        case .destructive: "destructive"
        }
    }

    private static func word(_ shape: ActionParameter.Shape) -> String {
        switch shape {
        case .flag: "true or false"
        case .text: "text"
        case .wholeNumber(let least): "whole number from \(least)"
        case .choice(let words): words.joined(separator: " or ")
        case .texts: "list of texts"
        case .choices(let words): "list of some of \(words.joined(separator: ", "))"
        case .networks: "list of networks"
        case .textMap: "mapping of texts"
        case .countOrPercent: "count or share, such as 3 or 50%"
        }
    }
}
