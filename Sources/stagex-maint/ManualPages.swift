internal import ArgumentParser
internal import Review

/// Manual pages, made of what the commands say of themselves (mdoc(7)).
struct ManualPages {
  private let root: JSONValue
  /// ArgumentParser's own command for help, on every page.
  private static let skipped = ["help"]

  init() throws {
    do throws(JSONDefect) {
      root = try JSONValue.read(Array(StagexMaint._dumpHelp().utf8), limit: 4 << 20)["command"] ?? .null
    } catch {
      throw Failure.cannotJudge("the commands' own description cannot be read: \(error.message)")
    }
  }

  /// The page of a command by its words; nil when there is none.
  func page(of words: [String]) -> String? {
    var command = root
    for word in words {
      guard let next = subcommands(command).first(where: { name($0) == word }) else { return nil }
      command = next
    }
    return page(command, [name(root)] + words)
  }

  /// Every page with its name, such as `stagex-maint-keys-fetch`.
  func all() -> [(name: String, text: String)] {
    func below(_ command: JSONValue, _ words: [String]) -> [(name: String, text: String)] {
      [(words.joined(separator: "-"), page(command, words))]
        + subcommands(command).flatMap { below($0, words + [name($0)]) }
    }
    return below(root, [name(root)])
  }

  private func name(_ command: JSONValue) -> String { command["commandName"]?.string ?? "" }

  private func list(_ value: JSONValue?) -> [JSONValue] { if case .array(let items)? = value { items } else { [] } }

  private func isShown(_ value: JSONValue) -> Bool { value["shouldDisplay"] != .bool(false) }

  private func subcommands(_ command: JSONValue) -> [JSONValue] {
    list(command["subcommands"]).filter { isShown($0) && !Self.skipped.contains(name($0)) }
  }

  private func page(_ command: JSONValue, _ words: [String]) -> String {
    let title = words.joined(separator: "-")
    var lines = [
      ".Dd \(Version.date)", ".Dt \(title.uppercased()) 1", ".Os \"stagex-maint \(Version.text)\"", ".Sh NAME",
      ".Nm \(title)", ".Nd \(text(command["abstract"]?.string ?? ""))",
      ".Sh SYNOPSIS", ".Nm \(words.joined(separator: " "))",
    ]
    let arguments = list(command["arguments"]).filter(isShown)
    if arguments.contains(where: { $0["kind"]?.string != "positional" }) { lines.append(".Op Ar options") }
    for argument in arguments where argument["kind"]?.string == "positional" {
      let value = text(argument["valueName"]?.string ?? "")
      let more = argument["isRepeating"] == .bool(true) ? " ..." : ""
      lines.append(argument["isOptional"] == .bool(true) ? ".Op Ar \(value)\(more)" : ".Ar \(value)\(more)")
    }
    if !subcommands(command).isEmpty { lines.append(".Ar command") }
    lines.append(".Sh DESCRIPTION")
    lines += paragraphs(command["discussion"]?.string ?? command["abstract"]?.string ?? "")
    if !subcommands(command).isEmpty {
      lines += [".Sh COMMANDS", ".Bl -tag -width Ds"]
      for sub in subcommands(command) {
        lines += [".It Xr \(title)-\(name(sub)) 1", text(sub["abstract"]?.string ?? "")]
      }
      lines.append(".El")
    }
    if !arguments.isEmpty {
      lines += [".Sh OPTIONS", ".Bl -tag -width Ds"]
      for argument in arguments { lines += item(argument) }
      lines.append(".El")
    }
    lines += [
      ".Sh EXIT STATUS",
      "0 accepted or done; 1 refused; 2 could not judge; 3 stopped by the person; 64 wrong usage; 75 try again.",
    ]
    if words.count > 1 { lines += [".Sh SEE ALSO", ".Xr \(words.dropLast().joined(separator: "-")) 1"] }
    return lines.joined(separator: "\n")
  }

  private func item(_ argument: JSONValue) -> [String] {
    let value = argument["kind"]?.string == "flag" ? "" : " Ar \(text(argument["valueName"]?.string ?? ""))"
    let names = list(argument["names"]).compactMap { name -> String? in
      guard let word = name["name"]?.string else { return nil }
      return name["kind"]?.string == "long" ? "Fl \\-\(text(word))" : "Fl \(text(word))"
    }
    let head = names.isEmpty ? ".It\(value)" : ".It \(names.joined(separator: " , "))\(value)"
    var lines = [head, text(argument["abstract"]?.string ?? "")]
    if let standard = argument["defaultValue"]?.string, !(argument["abstract"]?.string ?? "").contains("Default") {
      lines.append("Default: \(text(standard)).")
    }
    return lines
  }

  /// Lines with what roff would take for its own made into text.
  private func text(_ words: String) -> String {
    var line = words.replacing("\\", with: "\\e").replacing("-", with: "\\-").split(whereSeparator: \.isNewline).joined(
      separator: " ")
    if line.hasPrefix(".") || line.hasPrefix("'") { line = "\\&" + line }
    return line
  }

  private func paragraphs(_ words: String) -> [String] {
    var lines: [String] = []
    for line in words.split(separator: "\n", omittingEmptySubsequences: false) {
      let isExample = line.hasPrefix("Example") || line.hasPrefix("          ")
      if line.isEmpty {
        lines.append(".Pp")
      } else if isExample {
        lines += [".Dl \(text(String(line.drop { $0 == " " })))"]
      } else {
        lines.append(text(String(line)))
      }
    }
    return lines
  }
}
