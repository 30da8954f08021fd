using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Admission policies, and webhook configurations, which are stored but never called.</summary>
internal static class AdmissionDefaults
{
    public static void Validating(JsonObject configuration)
    {
        foreach (var hook in configuration.Items("webhooks"))
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Ensure("namespaceSelector");
            hook.Ensure("objectSelector");
            hook.Default("timeoutSeconds", 10);
            hook.Map("clientConfig", "service")?.Default("port", 443);
            foreach (var rule in hook.Items("rules"))
            {
                rule.Default("scope", "*");
            }
        }
    }

    public static void Mutating(JsonObject configuration)
    {
        Validating(configuration);
        foreach (var hook in configuration.Items("webhooks"))
        {
            hook.Default("reinvocationPolicy", "Never");
        }
    }

    public static void Policy(JsonObject policy)
    {
        if (policy.Map("spec") is { } spec)
        {
            spec.Default("failurePolicy", "Fail");
            Match(spec.Map("matchConstraints"));
        }
    }

    public static void PolicyBinding(JsonObject binding) => Match(binding.Map("spec", "matchResources"));

    private static void Match(JsonObject? match)
    {
        if (match is null)
        {
            return;
        }

        match.Default("matchPolicy", "Equivalent");
        match.Ensure("namespaceSelector");
        match.Ensure("objectSelector");
        foreach (var rule in match.Items("resourceRules").Concat(match.Items("excludeResourceRules")))
        {
            rule.Default("scope", "*");
        }
    }
}
