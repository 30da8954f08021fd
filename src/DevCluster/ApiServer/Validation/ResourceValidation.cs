using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>What a container asks for and is limited to.</summary>
internal static class ResourceValidation
{
    private static readonly string[] Standard = ["cpu", "memory", "ephemeral-storage"];

    public static void Validate(JsonObject? resources, Findings findings, FieldPath path)
    {
        foreach (var (name, limit) in Amounts(resources, "limits"))
        {
            Amount(name, limit, findings, path["limits"]);
        }

        foreach (var (name, request) in Amounts(resources, "requests"))
        {
            if (Quantity.TryParse(resources.Text("limits", name), out var limit))
            {
                Compare(name, request, limit, findings, path["requests"]);
            }

            Amount(name, request, findings, path["requests"]);
        }
    }

    private static IEnumerable<(string Name, Quantity Amount)> Amounts(JsonObject? resources, string side)
    {
        foreach (var (name, text) in resources.Map(side) ?? [])
        {
            if (Quantity.TryParse(text.Text(), out var amount))
            {
                yield return (name, amount);
            }
        }
    }

    private static bool IsExtended(string name) =>
        name.Contains('/', StringComparison.Ordinal) || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static void Compare(string name, Quantity request, Quantity limit, Findings findings, FieldPath path)
    {
        if (IsExtended(name) && request.CompareTo(limit) != 0)
        {
            findings.Invalid(path, request.ToString(), $"must be equal to {name} limit of {limit}");
        }
        else if (request.CompareTo(limit) > 0)
        {
            findings.Invalid(path, request.ToString(), $"must be less than or equal to {name} limit of {limit}");
        }
    }

    private static void Amount(string name, Quantity amount, Findings findings, FieldPath path)
    {
        var at = path.Key(name);
        if (!IsExtended(name) && !Standard.Contains(name))
        {
            findings.Invalid(at, name, "must be a standard resource type or fully qualified");
            findings.Invalid(at, name, "must be a standard resource for containers");
        }

        if (amount.Nanos.Sign < 0)
        {
            findings.Invalid(at, amount.ToString(), "must be greater than or equal to 0");
        }

        if (IsExtended(name) && !amount.IsWhole)
        {
            findings.Invalid(at, amount.ToString(), "must be an integer");
        }
    }
}
