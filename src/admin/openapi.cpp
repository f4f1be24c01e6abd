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
        "summary": "The configured providers and their connections",
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
        "summary": "Which provider and model would answer for a name now, and why",
        "operationId": "explain",
        "parameters": [{"name": "model", "in": "query", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "Who would answer",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}}}
          },
          "400": {"$ref": "#/components/responses/Error"},
          "401": {"$ref": "#/components/responses/Error"},
          "403": {"$ref": "#/components/responses/Error"},
          "404": {"$ref": "#/components/responses/Error"}
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
        "required": ["name", "type", "base_url", "keys", "connections"],
        "properties": {
          "name": {"type": "string"},
          "type": {"type": "string"},
          "base_url": {"type": "string"},
          "keys": {"type": "integer", "description": "How many there are"},
          "connections": {
            "type": "object",
            "required": ["idle", "busy"],
            "properties": {"idle": {"type": "integer"}, "busy": {"type": "integer"}}
          }
        }
      },
      "Explanation": {
        "type": "object",
        "required": ["asked", "target", "why"],
        "properties": {
          "asked": {"type": "string"},
          "target": {
            "type": "object",
            "required": ["provider", "model"],
            "properties": {"provider": {"type": "string"}, "model": {"type": "string"}}
          },
          "why": {"type": "string"}
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
