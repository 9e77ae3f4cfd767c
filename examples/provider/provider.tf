terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

# Nothing has to be written here: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in
# the environment are enough. The token needs the permission MCP Portals Read.
provider "mcp" {}

# A second account, with a token of its own. A saved plan (-out) holds the values of
# variables, sensitive ones too: where plans are kept, add ephemeral = true
# (Terraform 1.10, OpenTofu 1.11), or give the token by the environment.
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
