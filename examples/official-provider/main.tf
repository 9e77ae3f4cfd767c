# Guards what you set with Cloudflare's official provider against a diff that never
# ends: the API returns an entry for every tool, in its own order, so this writes
# them in just that way; what you decide stands in decisions.json.
# Prints the plan of the portal and its DNS record, and warns of decisions about
# servers and tools that don't exist.
# Change the variables, and decisions.json: see catalogue/main.tf for its form.

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
  description = "The zone in which the portal's host name is."
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
    error_message = "decisions.json speaks of what isn't there:\n${join("\n", [for u in module.catalogue.unknown : "  - ${u}"])}"
  }
}
