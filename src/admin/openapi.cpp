#include "admin/openapi.h"

namespace sluice::admin {

constexpr std::string_view kOpenApi = R"json({
  "openapi": "3.0.3",
  "info": {
    "title": "Sluice admin API",
    "version": "1",
    "description": "For operators and scrapers. Without admin.tokens only processes of the same machine are answered."
  },
  "security": [{"token": []}],
  "paths": {
    "/livez": {
      "get": {
        "summary": "Whether the process turns its event loop",
        "operationId": "live",
        "security": [],
        "responses": {"200": {"$ref": "#/components/responses/Status"}}
      }
    },
    "/healthz": {
      "get": {
        "summary": "The same as /livez",
        "operationId": "healthy",
        "security": [],
        "responses": {"200": {"$ref": "#/components/responses/Status"}}
      }
    },
    "/readyz": {
      "get": {
        "summary": "Whether requests of clients are welcome",
        "operationId": "ready",
        "security": [],
        "responses": {
          "200": {"$ref": "#/components/responses/Status"},
          "503": {"$ref": "#/components/responses/Status"}
        }
      }
    },
    "/metrics": {
      "get": {
        "summary": "Metrics in Prometheus' text format",
        "operationId": "metrics",
        "responses": {
          "200": {"description": "Every series", "content": {"text/plain": {"schema": {"type": "string"}}}},
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/openapi.json": {
      "get": {
        "summary": "This document",
        "operationId": "openapi",
        "responses": {
          "200": {"description": "OpenAPI 3", "content": {"application/json": {"schema": {"type": "object"}}}},
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/providers": {
      "get": {
        "summary": "The configured providers: their connections, keys and targets",
        "operationId": "providers",
        "responses": {
          "200": {
            "description": "In the order of the configuration",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": ["providers"],
                  "properties": {"providers": {"type": "array", "items": {"$ref": "#/components/schemas/Provider"}}}
                }
              }
            }
          },
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/explain": {
      "get": {
        "summary": "Who would be asked first for a name now, and why; asks nobody",
        "operationId": "explain",
        "parameters": [
          {"name": "model", "in": "query", "required": true, "schema": {"type": "string"}},
          {"name": "input_tokens", "in": "query", "schema": {"type": "integer", "minimum": 0}},
          {"name": "needs", "in": "query", "description": "What a model must be able to do, as conditions name it: tools,vision", "schema": {"type": "string"}},
          {"name": "tags", "in": "query", "description": "As in x-sluice-tags: name=value,name=value", "schema": {"type": "string"}},
          {"name": "user", "in": "query", "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "Who would answer",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}}}
          },
          "400": {"$ref": "#/components/responses/Error"},
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"},
          "404": {"$ref": "#/components/responses/Error"},
          "503": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/feedback": {
      "post": {
        "summary": "How good an answer was: groups of the strategy learned go by it",
        "operationId": "feedback",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "required": ["request_id", "score"],
                "properties": {
                  "request_id": {"type": "string", "description": "What x-request-id of the answer said"},
                  "score": {"type": "number", "minimum": 0, "maximum": 1}
                }
              }
            }
          }
        },
        "responses": {
          "200": {"$ref": "#/components/responses/Status"},
          "400": {"$ref": "#/components/responses/Error"},
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"},
          "404": {"$ref": "#/components/responses/Error"},
          "409": {"$ref": "#/components/responses/Error"},
          "413": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/config": {
      "get": {
        "summary": "The configuration in force, every default written out, secrets masked",
        "operationId": "config",
        "responses": {
          "200": {
            "description": "As JSON, or as YAML where that is accepted",
            "content": {
              "application/json": {"schema": {"type": "object"}},
              "application/yaml": {"schema": {"type": "string"}}
            }
          },
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/config/check": {
      "post": {
        "summary": "Says what is wrong with a configuration; changes nothing, looks up no variable and no file",
        "operationId": "checkConfig",
        "requestBody": {
          "required": true,
          "description": "The configuration, up to 4 MiB",
          "content": {"application/yaml": {"schema": {"type": "string"}}}
        },
        "responses": {
          "200": {
            "description": "It is good; there may be warnings",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Check"}}}
          },
          "400": {
            "description": "It is not",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Check"}}}
          },
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"},
          "413": {"$ref": "#/components/responses/Error"}
        }
      }
    },
    "/admin/v1/reload": {
      "post": {
        "summary": "Reads the configuration file again",
        "operationId": "reload",
        "responses": {
          "200": {
            "description": "It is in force",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reload"}}}
          },
          "400": {
            "description": "It was refused; what was in force stays in force",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reload"}}}
          },
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"}
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "token": {"type": "http", "scheme": "bearer", "description": "One of admin.tokens; a viewer may only GET"}
    },
    "responses": {
      "Status": {
        "description": "In a word",
        "content": {
          "application/json": {
            "schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
          }
        }
      },
      "Error": {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
      }
    },
    "schemas": {
      "Provider": {
        "type": "object",
        "required": ["name", "type", "base_url", "keys", "key_states", "connections", "targets"],
        "properties": {
          "name": {"type": "string"},
          "type": {"type": "string"},
          "base_url": {"type": "string"},
          "keys": {"type": "integer", "description": "How many there are"},
          "key_states": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}},
          "connections": {
            "type": "object",
            "required": ["idle", "busy"],
            "properties": {"idle": {"type": "integer"}, "busy": {"type": "integer"}}
          },
          "targets": {"type": "array", "items": {"$ref": "#/components/schemas/Target"}}
        }
      },
      "Key": {
        "type": "object",
        "required": ["number", "state"],
        "properties": {
          "number": {"type": "integer", "description": "From one, in the order of the configuration"},
          "state": {"type": "string", "enum": ["usable", "cooling", "spent", "refused"]},
          "usable_in_s": {"type": "integer"}
        }
      },
      "Target": {
        "type": "object",
        "required": ["target", "breaker", "share", "busy", "waiting", "requests", "successes", "failures", "output_tokens", "first_token_ms"],
        "properties": {
          "target": {"type": "string", "description": "PROVIDER/MODEL; PROVIDER/* for models that no name leads to"},
          "breaker": {"type": "string", "enum": ["closed", "half_open", "open"]},
          "share": {"type": "number", "description": "Of what it would be asked: less than 1 while it recovers"},
          "asked_again_in_ms": {"type": "integer"},
          "busy": {"type": "integer"},
          "waiting": {"type": "integer"},
          "requests": {"type": "integer"},
          "successes": {"type": "integer"},
          "failures": {"type": "integer"},
          "output_tokens": {"type": "integer"},
          "first_token_ms": {
            "type": "object",
            "properties": {"average": {"type": "number"}, "p50": {"type": "number"}, "p95": {"type": "number"}}
          },
          "per_token_ms": {"type": "number"}
        }
      },
      "Explanation": {
        "type": "object",
        "required": ["asked", "why", "candidates"],
        "properties": {
          "asked": {"type": "string"},
          "target": {
            "description": "Who would be asked first; absent: nobody could be",
            "type": "object",
            "required": ["provider", "model"],
            "properties": {"provider": {"type": "string"}, "model": {"type": "string"}}
          },
          "why": {"type": "string"},
          "pick": {"type": "string", "description": "The same as target: PROVIDER/MODEL"},
          "dice": {"type": "string", "description": "The number that all dice of the pick come of"},
          "panic": {"type": "boolean", "description": "All rest: the best of them is asked all the same"},
          "group": {"type": "string"},
          "strategy": {"type": "string"},
          "sticky": {"type": "string"},
          "class": {"type": "string"},
          "candidates": {"type": "array", "items": {"$ref": "#/components/schemas/Candidate"}}
        }
      },
      "Candidate": {
        "type": "object",
        "description": "A target, or a group within the group",
        "properties": {
          "target": {"type": "string"},
          "out": {"type": "string", "description": "Why it is not asked; absent: it may be"},
          "lacks": {"type": "string"},
          "busy": {"type": "integer"},
          "breaker": {"type": "string"},
          "share": {"type": "number"},
          "first_token_ms": {"type": "number"},
          "per_token_ms": {"type": "number"},
          "expected_usd": {"type": "number"},
          "weight": {"type": "number"},
          "trials": {"type": "number"},
          "reward": {"type": "number"},
          "spread": {"type": "number"},
          "group": {"type": "string"},
          "strategy": {"type": "string"},
          "candidates": {"type": "array", "items": {"$ref": "#/components/schemas/Candidate"}}
        }
      },
      "Diagnostic": {
        "type": "object",
        "required": ["file", "line", "column", "severity", "message"],
        "properties": {
          "file": {"type": "string"},
          "line": {"type": "integer"},
          "column": {"type": "integer", "description": "Counts bytes from one"},
          "severity": {"type": "string", "enum": ["error", "warning"]},
          "message": {"type": "string"}
        }
      },
      "Check": {
        "type": "object",
        "required": ["ok", "diagnostics"],
        "properties": {
          "ok": {"type": "boolean"},
          "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}
        }
      },
      "Reload": {
        "type": "object",
        "required": ["ok", "changed", "diagnostics"],
        "properties": {
          "ok": {"type": "boolean"},
          "changed": {"type": "boolean", "description": "False: what was in force said the same"},
          "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}
        }
      },
      "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
          "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
              "message": {"type": "string"},
              "type": {"type": "string"},
              "param": {"type": "string", "nullable": true},
              "code": {"type": "string"}
            }
          }
        }
      }
    }
  }
}
)json";

}  // namespace sluice::admin
