// SPDX-License-Identifier: Apache-2.0

import SourceText

/// The stable words that findings about rule files carry: Falco's own, so that tools that read them keep working.
enum LoadCode: String {
    case yamlParse = "LOAD_ERR_YAML_PARSE"
    case yamlValidate = "LOAD_ERR_YAML_VALIDATE"
    case condition = "LOAD_ERR_COMPILE_CONDITION"
    case output = "LOAD_ERR_COMPILE_OUTPUT"
    case validate = "LOAD_ERR_VALIDATE"
    case unknownSource = "LOAD_UNKNOWN_SOURCE"
    case noEventType = "LOAD_NO_EVTTYPE"
    case unknownFilter = "LOAD_UNKNOWN_FILTER"
    case unusedMacro = "LOAD_UNUSED_MACRO"
    case unusedList = "LOAD_UNUSED_LIST"
    case unknownItem = "LOAD_UNKNOWN_ITEM"
    case deprecatedItem = "LOAD_DEPRECATED_ITEM"
    case unsafeNotAvailable = "LOAD_UNSAFE_NA_CHECK"
    /// What Falco has no word for.
    case ownWarning = "LOAD_WARNING_EXTENSION"
    case appendWithoutValues = "LOAD_APPEND_NO_VALUES"
    case exceptionNameNotUnique = "LOAD_EXCEPTION_NAME_NOT_UNIQUE"
    case invalidMacroName = "LOAD_INVALID_MACRO_NAME"
    case invalidListName = "LOAD_INVALID_LIST_NAME"
    case conditionWarning = "LOAD_COMPILE_CONDITION"
    case unknownKey = "LOAD_UNKNOWN_KEY"
}

extension DiagnosticBag {
    mutating func error(_ code: LoadCode, _ message: String, at location: SourceLocation?, item: String = "") {
        error(code.rawValue, message, at: location, item: item)
    }

    mutating func warning(_ code: LoadCode, _ message: String, at location: SourceLocation?, item: String = "") {
        warning(code.rawValue, message, at: location, item: item)
    }
}
