using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Webhook configurations, which are stored but never called.</summary>
internal static class WebhookDefaults
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
}
