namespace Dynospace.Api;

/// <summary>CEL expressions that several fields share.</summary>
internal static class Cel
{
    public const string IsCidr = "isCIDR(self)";

    public const string IsCidrMessage = "must be a CIDR range such as 198.51.100.0/24 or 2001:db8::/32";

    public const string IsCidrMessageExpression =
        "'\"' + self + '\" is not a CIDR range: write an address and a prefix length such as 198.51.100.0/24 or "
        + "2001:db8::/32'";

    public const string IsCanonical = "!isCIDR(self) || string(cidr(self).masked()) == self";

    public const string IsCanonicalMessage =
        "must be in canonical form: no bits set behind the prefix, IPv6 shortened and in lower case";

    // Naming the canonical form itself would exceed CEL's cost limit: the length of string(cidr) counts as unbounded.
    public const string IsCanonicalMessageExpression =
        "'\"' + self + '\" is not in canonical form: clear the bits behind the prefix, and write IPv6 shortened and in "
        + "lower case'";

    public const string IsIP = "isIP(self)";

    public const string IsIPMessage = "must be an IP address such as 203.0.113.10";

    public const string IsIPMessageExpression =
        "'\"' + self + '\" is not an IP address: write one such as 203.0.113.10 or 2001:db8::10, without a prefix "
        + "length'";

    public const string IsCanonicalIP = "!isIP(self) || ip.isCanonical(self)";

    public const string IsCanonicalIPMessage = "must be in canonical form: IPv6 shortened and in lower case";

    public const string IsCanonicalIPMessageExpression =
        "'\"' + self + '\" is not in canonical form: write IPv6 shortened and in lower case'";

    public const string IsDisjoint =
        "self.all(a, !isCIDR(a) || !self.exists(b, a != b && isCIDR(b) && cidr(a).containsCIDR(b)))";

    public const string IsDisjointMessage =
        "one of the ranges lies in another: remove the narrower one, or split the wider one";

    // What an image reference is made of; the rest is for the registry to say. No control character gets into messages
    // and logs.
    public const string IsImage = "self.matches('^[A-Za-z0-9\\\\[][-A-Za-z0-9._/:@+\\\\[\\\\]]*$')";

    public const string IsImageMessage =
        "must be an image reference such as registry.example/shop:42: remove white space, control characters and "
        + "letters beyond ASCII";

    public const string IsImageMessageExpression =
        "self.matches('^[ -~]*$') ? '\"' + self + '\" is not an image reference: write one such as "
        + "registry.example/shop:42, without white space'"
        + " : 'image holds control characters or letters beyond ASCII: write a reference such as "
            + "registry.example/shop:42'";

    public const string HasNoScheme = "!self.contains('://')";

    public const string HasNoSchemeMessage =
        "must not have a scheme: write registry.example/shop:42 instead of https://registry.example/shop:42";

    public const string HasNoEmptyTag = "!self.endsWith(':') && !self.endsWith('@') && !self.contains(':@')";

    public const string HasNoEmptyTagMessage =
        "has an empty tag or digest: write one, such as :42, or remove the colon";

    /// <summary>
    /// The first component is a registry only if it holds a dot, a colon or an address; registries may have capitals.
    /// </summary>
    public const string IsLowerCaseImage = """self.matches('^([^/]*[.:\\[][^/]*/)?[^A-Z:@]*([:@].*)?$')""";

    public const string IsLowerCaseImageMessage =
        "the name of an image is in lower case: write registry.example/shop:42 instead of registry.example/Shop:42";

    public const string IsProcessType = "self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')";

    public const string IsProcessTypeMessage =
        "must be lower-case letters, digits and single hyphens, beginning with a letter, such as mail-worker";

    public const string IsProcessTypeMessageExpression =
        """'"' + self + '" is not a process type: use lower-case letters, digits and single hyphens, """
        + """
        beginning with a letter, such as '
        + (self.matches('^[A-Za-z][A-Za-z0-9_-]*[A-Za-z0-9]$') ? self.lowerAscii().replace('_', '-') : 'mail-worker')
        """;

    public const string NamesAreVariables = "self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_]*$'))";

    public const string ValuesHaveNoNul = @"self.all(k, !self[k].contains('\u0000'))";

    /// <summary>A DNS label; the rule against a double hyphen stands beside it.</summary>
    public const string LabelPattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
}
