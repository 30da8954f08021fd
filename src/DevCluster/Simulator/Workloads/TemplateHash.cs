using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Workloads;

/// <summary>The short hash of a pod template, which distinguishes revisions.</summary>
internal static class TemplateHash
{
    /// <summary>The label by which a Deployment distinguishes its ReplicaSets.</summary>
    public const string Label = "pod-template-hash";

    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Compute(JsonObject template)
    {
        var text = new StringBuilder();
        Append(text, template);
        var hash = 14695981039346656037UL;
        foreach (var one in Encoding.UTF8.GetBytes(text.ToString()))
        {
            hash = (hash ^ one) * 1099511628211UL;
        }

        var name = new char[10];
        for (var i = 0; i < name.Length; i++)
        {
            name[i] = Alphabet[(int)(hash % (ulong)Alphabet.Length)];
            hash /= (ulong)Alphabet.Length;
        }

        return new string(name);
    }

    /// <summary>Whether a ReplicaSet was created from the template.</summary>
    public static bool IsMadeFrom(JsonObject? candidate, JsonObject template)
    {
        if (candidate is null)
        {
            return false;
        }

        var stripped = candidate.DeepClone().AsObject();
        stripped.Map("metadata", "labels")?.Remove(Label);
        return stripped.SameAs(template);
    }

    // The order of an object's fields is arbitrary and must not change the hash.
    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    text.Append(key).Append(':');
                    Append(text, value);
                    text.Append(',');
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    Append(text, item);
                    text.Append(';');
                }

                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
