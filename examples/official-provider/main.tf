# Sets a portal with Cloudflare's official provider, without a diff that never ends: the
# API returns an entry for every tool, in its own order, so this writes the entries the
# same way, from the decisions in decisions.json.
# Plans the portal and its DNS record, and warns of decisions about servers and tools
# that do not exist.
# Change the variables and decisions.json; catalogue/main.tf describes its format.

terraform {
  required_version = ">= 1.5" # check blocks
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "account_id" {
  description = "The account of the portal."
  type        = string
}

variable "zone_id" {
  description = "The zone of the portal's host name."
  type        = string
}

variable "hostname" {
  description = "The portal's host name."
  type        = string
}

module "catalogue" {
  source     = "./catalogue"
  account_id = var.account_id
  decisions  = jsondecode(file("${path.module}/decisions.json"))
}

resource "cloudflare_zero_trust_access_ai_controls_mcp_portal" "this" {
  account_id         = var.account_id
  id                 = "engineering"
  name               = "Engineering"
  hostname           = var.hostname
  secure_web_gateway = true
  servers            = module.catalogue.servers
}

resource "cloudflare_dns_record" "this" {
  zone_id = var.zone_id
  name    = cloudflare_zero_trust_access_ai_controls_mcp_portal.this.hostname
  type    = "CNAME"
  content = "gateway.agents.cloudflare.com"
  ttl     = 1 # automatic
}

check "decisions_are_about_what_exists" {
  assert {
    condition     = length(module.catalogue.unknown) == 0
    error_message = "decisions.json names servers, tools or prompts that do not exist:\n${join("\n", [for u in module.catalogue.unknown : "  - ${u}"])}"
  }
}
