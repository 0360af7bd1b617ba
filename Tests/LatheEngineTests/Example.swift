// The README shows the lines between the two marks; a test compares them.
// - example
import LatheEngine

func weatherReport(for question: String) async throws -> String {
  let model = try await ChatModel.open("mini")  // or "Qwen3-14B-Q4_K_M.gguf", or a folder from Hugging Face
  let weather = try FunctionDefinition([
    "name": "get_weather", "description": "Get the current weather of a city",
    "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
  ])
  var messages = [Message(.user, question)]

  let reply = try await model.chat(messages: messages, functions: [weather], functionCall: .auto, options: .greedy)
  guard case .calls(let calls) = reply.content else { return reply.text }
  messages.append(reply.message)
  for call in calls {
    // Nothing has been executed: here the program does what it allows. The arguments conform to the schema.
    let city = call.arguments["city"]?.string ?? ""
    let result: JSONValue = ["temperature": city == "Oslo" ? -3 : 21, "condition": "sunny"]
    messages.append(Message(.tool, result.text(.spaced), toolName: call.name))
  }

  var report = ""
  for await event in model.stream(messages: messages, functions: [weather], options: .greedy) {
    if case .token(let token) = event { report += token.text }  // or print it as it comes
  }
  return report
}
// - end of example
