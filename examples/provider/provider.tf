terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

# Reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID from the environment. The token
# needs the permission MCP Portals Read.
provider "mcp" {}

# A second account, with its own token. A saved plan (-out) contains the values of
# variables, sensitive ones included: if you keep plans, add ephemeral = true (Terraform
# 1.10, OpenTofu 1.11), or pass the token through the environment.
variable "acquired_company_token" {
  description = "An API token with the permission MCP Portals Read in the other account."
  type        = string
  sensitive   = true
}

provider "mcp" {
  alias      = "acquired_company"
  api_token  = var.acquired_company_token
  account_id = "0123456789abcdef0123456789abcdef"
}
