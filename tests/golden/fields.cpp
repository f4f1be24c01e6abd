#include "golden/fields.h"

#include <utility>

namespace sluice::golden {
namespace {

using Fields = std::vector<std::pair<const char*, const char*>>;

// clang-format off: a row is a line.
const Fields kChat = {
    {"a system message", R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]})"},
    {"a developer message", R"({"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Hi"}]})"},
    {"messages.name", R"({"messages":[{"role":"user","name":"ann","content":"Hi"}]})"},
    {"image_url, inline", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]}]})"},
    {"image_url, a link", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})"},
    {"image_url.detail", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"low"}}]}]})"},
    {"input_audio", R"({"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}}]}]})"},
    {"file, inline", R"({"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,aGk="}}]}]})"},
    {"file.file_id", R"({"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]})"},
    {"tool_calls and their results", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"7"}],"tools":[{"type":"function","function":{"name":"look"}}]})"},
    {"a refusal", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","refusal":"No."},{"role":"user","content":"Why?"}]})"},
    {"reasoning_content", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","reasoning_content":"Hm.","content":"Yes?"},{"role":"user","content":"Why?"}]})"},
    {"tools", R"({"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{}}}}]})"},
    {"tools.strict", R"({"tools":[{"type":"function","function":{"name":"look","strict":true,"parameters":{"type":"object","properties":{}}}}]})"},
    {"custom tools", R"({"tools":[{"type":"custom","custom":{"name":"look"}}]})"},
    {"tool_choice: none", R"({"tools":[{"type":"function","function":{"name":"look"}}],"tool_choice":"none"})"},
    {"tool_choice: required", R"({"tools":[{"type":"function","function":{"name":"look"}}],"tool_choice":"required"})"},
    {"tool_choice: named", R"({"tools":[{"type":"function","function":{"name":"look"}}],"tool_choice":{"type":"function","function":{"name":"look"}}})"},
    {"parallel_tool_calls: false", R"({"tools":[{"type":"function","function":{"name":"look"}}],"parallel_tool_calls":false})"},
    {"response_format: json_object", R"({"response_format":{"type":"json_object"}})"},
    {"response_format: json_schema", R"({"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","properties":{}}}}})"},
    {"reasoning_effort", R"({"reasoning_effort":"high"})"},
    {"reasoning_effort: none", R"({"reasoning_effort":"none"})"},
    {"max_completion_tokens", R"({"max_completion_tokens":99})"},
    {"temperature", R"({"temperature":0.5})"},
    {"top_p", R"({"top_p":0.5})"},
    {"top_k", R"({"top_k":5})"},
    {"frequency_penalty", R"({"frequency_penalty":0.5})"},
    {"presence_penalty", R"({"presence_penalty":0.5})"},
    {"stop", R"({"stop":["END"]})"},
    {"seed", R"({"seed":7})"},
    {"n", R"({"n":2})"},
    {"logprobs", R"({"logprobs":true,"top_logprobs":2})"},
    {"logit_bias", R"({"logit_bias":{"7":1}})"},
    {"user", R"({"user":"ann"})"},
    {"safety_identifier", R"({"safety_identifier":"ann"})"},
    {"prompt_cache_key", R"({"prompt_cache_key":"a"})"},
    {"metadata", R"({"metadata":{"a":"b"}})"},
    {"store", R"({"store":true})"},
    {"service_tier", R"({"service_tier":"flex"})"},
    {"verbosity", R"({"verbosity":"low"})"},
    {"modalities: audio", R"({"modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"}})"},
    {"prediction", R"({"prediction":{"type":"content","content":"Hi"}})"},
    {"web_search_options", R"({"web_search_options":{}})"},
    {"an unknown field", R"({"something_new":1})"},
};

const Fields kResponses = {
    {"instructions", R"({"instructions":"Be brief."})"},
    {"input_image, inline", R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,aGk="}]}]})"},
    {"input_file, inline", R"({"input":[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,aGk="}]}]})"},
    {"input_file.file_id", R"({"input":[{"role":"user","content":[{"type":"input_file","file_id":"file-1"}]}]})"},
    {"function_call and its output", R"({"input":[{"role":"user","content":"Hi"},{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"7"}],"tools":[{"type":"function","name":"look"}]})"},
    {"reasoning, encrypted", R"({"input":[{"role":"user","content":"Hi"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"7"}],"tools":[{"type":"function","name":"look"}]})"},
    {"tools: custom", R"({"tools":[{"type":"custom","name":"look"}]})"},
    {"tools: web_search", R"({"tools":[{"type":"web_search"}]})"},
    {"tool_choice: a built-in tool", R"({"tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}})"},
    {"text.format: json_schema", R"({"text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object","properties":{}}}}})"},
    {"text.verbosity", R"({"text":{"verbosity":"low"}})"},
    {"reasoning.effort", R"({"reasoning":{"effort":"high"}})"},
    {"reasoning.summary", R"({"reasoning":{"effort":"high","summary":"auto"}})"},
    {"max_output_tokens", R"({"max_output_tokens":99})"},
    {"top_logprobs", R"({"top_logprobs":2,"include":["message.output_text.logprobs"]})"},
    {"previous_response_id", R"({"previous_response_id":"resp_1"})"},
    {"conversation", R"({"conversation":"conv_1"})"},
    {"background", R"({"background":true})"},
    {"prompt", R"({"prompt":{"id":"pmpt_1"}})"},
    {"truncation", R"({"truncation":"auto"})"},
    {"max_tool_calls", R"({"max_tool_calls":3})"},
    {"store", R"({"store":false})"},
    {"metadata", R"({"metadata":{"a":"b"}})"},
    {"an unknown field", R"({"something_new":1})"},
};

const Fields kMessages = {
    {"system", R"({"system":"Be brief."})"},
    {"image, base64", R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}]})"},
    {"image, url", R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]})"},
    {"image, file", R"({"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"file_1"}}]}]})"},
    {"document, base64", R"({"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"aGk="}}]}]})"},
    {"document, text", R"({"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Words."}}]}]})"},
    {"document.citations", R"({"messages":[{"role":"user","content":[{"type":"document","citations":{"enabled":true},"source":{"type":"text","media_type":"text/plain","data":"Words."}}]}]})"},
    {"tool_use and its result", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"look","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"7"}]}],"tools":[{"name":"look","input_schema":{"type":"object"}}]})"},
    {"tool_result.is_error", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"look","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":"7"}]}],"tools":[{"name":"look","input_schema":{"type":"object"}}]})"},
    {"tool_result with an image", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"look","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}]}],"tools":[{"name":"look","input_schema":{"type":"object"}}]})"},
    {"thinking with its signature", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"Yes?"}]},{"role":"user","content":"Why?"}]})"},
    {"redacted_thinking", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"s"},{"type":"text","text":"Yes?"}]},{"role":"user","content":"Why?"}]})"},
    {"thinking made by Gemini", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"sluice:gemini:s"},{"type":"text","text":"Yes?"}]},{"role":"user","content":"Why?"}]})"},
    {"cache_control", R"({"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]})"},
    {"a search that was run", R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"a"}},{"type":"text","text":"Yes?"}]},{"role":"user","content":"Why?"}]})"},
    {"tools", R"({"tools":[{"name":"look","input_schema":{"type":"object"}}]})"},
    {"tools: web_search", R"({"tools":[{"type":"web_search_20250305","name":"web_search"}]})"},
    {"tool_choice: any", R"({"tools":[{"name":"look","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}})"},
    {"disable_parallel_tool_use", R"({"tools":[{"name":"look","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"},
    {"thinking: enabled", R"({"max_tokens":4096,"thinking":{"type":"enabled","budget_tokens":2048}})"},
    {"thinking: adaptive", R"({"thinking":{"type":"adaptive"}})"},
    {"thinking: disabled", R"({"thinking":{"type":"disabled"}})"},
    {"output_config.effort", R"({"output_config":{"effort":"high"}})"},
    {"top_k", R"({"top_k":5})"},
    {"stop_sequences", R"({"stop_sequences":["END"]})"},
    {"metadata.user_id", R"({"metadata":{"user_id":"ann"}})"},
    {"service_tier", R"({"service_tier":"auto"})"},
    {"mcp_servers", R"({"mcp_servers":[{"type":"url","url":"https://example.com","name":"a"}]})"},
    {"container", R"({"container":"c"})"},
    {"context_management", R"({"context_management":{"edits":[]}})"},
    {"an unknown field", R"({"something_new":1})"},
};

const Fields kGemini = {
    {"systemInstruction", R"({"systemInstruction":{"parts":[{"text":"Be brief."}]}})"},
    {"inlineData, an image", R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}]})"},
    {"inlineData, audio", R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":"aGk="}}]}]})"},
    {"inlineData, a video", R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"video/mp4","data":"aGk="}}]}]})"},
    {"fileData", R"({"contents":[{"role":"user","parts":[{"fileData":{"mimeType":"image/png","fileUri":"gs://bucket/a.png"}}]}]})"},
    {"functionCall and its response", R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"name":"look","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"look","response":{"output":"7"}}}]}],"tools":[{"functionDeclarations":[{"name":"look"}]}]})"},
    {"thoughtSignature", R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"name":"look","args":{}},"thoughtSignature":"cw=="}]},{"role":"user","parts":[{"functionResponse":{"name":"look","response":{"output":"7"}}}]}],"tools":[{"functionDeclarations":[{"name":"look"}]}]})"},
    {"tools.functionDeclarations", R"({"tools":[{"functionDeclarations":[{"name":"look","parameters":{"type":"OBJECT","properties":{}}}]}]})"},
    {"tools.googleSearch", R"({"tools":[{"googleSearch":{}}]})"},
    {"functionCallingConfig: ANY", R"({"tools":[{"functionDeclarations":[{"name":"look"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}})"},
    {"allowedFunctionNames", R"({"tools":[{"functionDeclarations":[{"name":"look"},{"name":"hear"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["look"]}}})"},
    {"responseMimeType: JSON", R"({"generationConfig":{"responseMimeType":"application/json"}})"},
    {"responseSchema", R"({"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}}})"},
    {"thinkingBudget", R"({"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}})"},
    {"thinkingLevel", R"({"generationConfig":{"thinkingConfig":{"thinkingLevel":"low"}}})"},
    {"includeThoughts", R"({"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})"},
    {"candidateCount", R"({"generationConfig":{"candidateCount":2}})"},
    {"topK", R"({"generationConfig":{"topK":5}})"},
    {"seed", R"({"generationConfig":{"seed":5}})"},
    {"stopSequences", R"({"generationConfig":{"stopSequences":["END"]}})"},
    {"responseLogprobs", R"({"generationConfig":{"responseLogprobs":true}})"},
    {"responseModalities: IMAGE", R"({"generationConfig":{"responseModalities":["TEXT","IMAGE"]}})"},
    {"speechConfig", R"({"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}}})"},
    {"safetySettings", R"({"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]})"},
    {"cachedContent", R"({"cachedContent":"cachedContents/1"})"},
    {"labels", R"({"labels":{"a":"b"}})"},
    {"an unknown field", R"({"somethingNew":1})"},
};

const Fields kConverse = {
    {"system", R"({"system":[{"text":"Be brief."}]})"},
    {"image", R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"aGk="}}}]}]})"},
    {"document", R"({"messages":[{"role":"user","content":[{"text":"Hi"},{"document":{"format":"pdf","name":"a","source":{"bytes":"aGk="}}}]}]})"},
    {"video, in S3", R"({"messages":[{"role":"user","content":[{"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://bucket/a.mp4"}}}}]}]})"},
    {"toolUse and its result", R"({"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"look","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"7"}]}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"look","inputSchema":{"json":{"type":"object"}}}}]}})"},
    {"cachePoint", R"({"messages":[{"role":"user","content":[{"text":"Hi"},{"cachePoint":{"type":"default"}}]}]})"},
    {"guardContent", R"({"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"Hi"}}}]}]})"},
    {"inferenceConfig", R"({"inferenceConfig":{"maxTokens":99,"temperature":0.5,"topP":0.5,"stopSequences":["END"]}})"},
    {"toolConfig", R"({"toolConfig":{"tools":[{"toolSpec":{"name":"look","inputSchema":{"json":{"type":"object"}}}}]}})"},
    {"toolChoice: any", R"({"toolConfig":{"tools":[{"toolSpec":{"name":"look","inputSchema":{"json":{"type":"object"}}}}],"toolChoice":{"any":{}}}})"},
    {"guardrailConfig", R"({"guardrailConfig":{"guardrailIdentifier":"a","guardrailVersion":"1"}})"},
    {"performanceConfig", R"({"performanceConfig":{"latency":"optimized"}})"},
    {"requestMetadata", R"({"requestMetadata":{"a":"b"}})"},
    {"additionalModelRequestFields", R"({"additionalModelRequestFields":{"something":1}})"},
};

// clang-format on

const Fields& list_of(Dialect caller) {
  switch (caller) {
    case Dialect::Chat:
      return kChat;
    case Dialect::Responses:
      return kResponses;
    case Dialect::Messages:
      return kMessages;
    case Dialect::Gemini:
      return kGemini;
    default:
      return kConverse;
  }
}

}  // namespace

Json least_request(Dialect caller) {
  switch (caller) {
    case Dialect::Chat:
      return Json::parse(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
    case Dialect::Responses:
      return Json::parse(R"({"model":"m","input":"Hi"})");
    case Dialect::Messages:
      return Json::parse(
          R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"Hi"}]})");
    case Dialect::Gemini:
      return Json::parse(R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})");
    default:
      return Json::parse(R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})");
  }
}

std::vector<Field> fields_of(Dialect caller) {
  std::vector<Field> fields;
  for (const auto& [name, patch] : list_of(caller)) fields.push_back({name, Json::parse(patch)});
  return fields;
}

}  // namespace sluice::golden
