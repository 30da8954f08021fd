using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Namespaces and events.</summary>
internal static class NamespaceDefaults
{
    public static void Namespace(JsonObject content)
    {
        // The label by which network policies find a namespace is the server's, whatever the client wrote.
        var metadata = content.Ensure("metadata");
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.Ensure("labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    public static void Event(JsonObject content)
    {
        content.Ensure("source");
        content.Default("reportingComponent", "");
        content.Default("reportingInstance", "");
    }
}
