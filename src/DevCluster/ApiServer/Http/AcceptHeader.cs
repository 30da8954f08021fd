using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Content negotiation: the first acceptable form this server has, which is always JSON.</summary>
internal static class AcceptHeader
{
    private static readonly string[] Json = ["application/json", "application/*", "*/*", ""];

    /// <exception cref="ApiStatusException">406: only forms that this server does not have.</exception>
    public static Representation Negotiate(HttpRequest request)
    {
        foreach (var (media, parameters) in Ranges(request))
        {
            if (!Json.Contains(media))
            {
                continue;
            }

            switch (parameters.GetValueOrDefault("as"))
            {
                case null:
                    return Representation.Object;
                case "Table" when IsMeta(parameters):
                    return Representation.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when IsMeta(parameters):
                    return Representation.PartialMetadata;
            }
        }

        throw new ApiStatusException(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/json;stream=watch",
            []);
    }

    /// <summary>True when the client prefers the aggregated form of discovery.</summary>
    public static bool WantsAggregatedDiscovery(HttpRequest request) =>
        Ranges(request).Any(range =>
            range.Media == "application/json"
            && range.Parameters.GetValueOrDefault("as") == "APIGroupDiscoveryList"
            && range.Parameters.GetValueOrDefault("g") == "apidiscovery.k8s.io"
            && range.Parameters.GetValueOrDefault("v") == "v2");

    public static IEnumerable<(string Media, Dictionary<string, string> Parameters)> Ranges(HttpRequest request) =>
        request.Headers.Accept.ToString().Split(',').Select(range =>
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            var parameters = parts.Skip(1)
                .Select(part => part.Split('=', 2))
                .Where(pair => pair.Length == 2)
                .DistinctBy(pair => pair[0])
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
            return (parts[0].ToLowerInvariant(), parameters);
        });

    private static bool IsMeta(Dictionary<string, string> parameters) =>
        parameters.GetValueOrDefault("g") == "meta.k8s.io" && parameters.GetValueOrDefault("v") == "v1";
}
