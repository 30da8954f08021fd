namespace Dynospace.Reachability.Tests.Fixtures;

/// <summary>Policy specs that many tests start from.</summary>
internal static class Policies
{
    public const string DenyIngress = "{podSelector: {}, policyTypes: [Ingress]}";
    public const string DenyEgress = "{podSelector: {}, policyTypes: [Egress]}";
    public const string DenyAll = "{podSelector: {}, policyTypes: [Ingress, Egress]}";
    public const string AllowIngress = "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}";

    /// <summary>All pods of the namespace admit what the rules, in YAML flow style, say.</summary>
    public static string Ingress(string rules) => $"{{podSelector: {{}}, policyTypes: [Ingress], ingress: [{rules}]}}";

    /// <summary>All pods of the namespace may open what the rules, in YAML flow style, say.</summary>
    public static string Egress(string rules) => $"{{podSelector: {{}}, policyTypes: [Egress], egress: [{rules}]}}";
}
