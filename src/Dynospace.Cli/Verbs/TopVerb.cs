using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api.Dynos;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Sizes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace top</c>: what dynos use of processor and memory, by the cluster's metrics.</summary>
public sealed class TopVerb
{
    /// <summary>Served by metrics-server or another adapter, not by the API server itself.</summary>
    private static readonly ResourceKind PodMetrics = new(
        "metrics.k8s.io", "v1beta1", "pods", "PodMetrics", IsNamespaced: true);

    private const decimal Mebibyte = 1024 * 1024;

    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;

    private TopVerb(CliEnvironment environment) => (_environment, _options) = (environment, new(environment));

    public static Command Create(CliEnvironment environment)
    {
        var verb = new TopVerb(environment);
        return verb._options.Command("top", "Show what dynos use of processor and memory.", """
            CPU is in thousandths of a processor. USED is memory against the limit of the dyno's size, at which its
            process is ended (R14). The figures come from the cluster's metrics and are some seconds old; a dyno that
            has just started has none.

            Examples:
              dynospace top -a shop
              dynospace top -s acme-prod -o json

            """,
            [],
            verb.RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var app = session.HasApp ? await session.AppAsync(cancellationToken) : null;
        var dynos = await session.DynosAsync(app?.Metadata.Name, cancellationToken);
        var usage = await UsageAsync(session, cancellationToken);
        var sizes = await ClusterSizes.ReadAsync(session, cancellationToken);
        var rows = dynos.Select(dyno => new DynoUsage(
            dyno, sizes.FromName(dyno.Spec.Size), usage.GetValueOrDefault(dyno.Status?.Pod ?? ""))).ToList();
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonArray([.. rows.Select(row => row.ToJson())]));
            return 0;
        }

        if (rows.Count == 0)
        {
            await session.RequireSpaceAsync(cancellationToken);
            await _environment.Error.WriteLineAsync("There are none.");
            return 0;
        }

        var table = new TextTable("NAME", "SIZE", "CPU", "MEMORY", "LIMIT", "USED");
        foreach (var row in rows)
        {
            table.Add([DynoNames.InList(row.Dyno, app), row.Dyno.Spec.Size, .. row.Cells()]);
        }

        table.Write(_environment.Out);
        return 0;
    }

    private static async Task<Dictionary<string, JsonNode>> UsageAsync(
        Session session, CancellationToken cancellationToken)
    {
        try
        {
            var found = await session.ListAsync<JsonNode>(PodMetrics, session.Space, null, cancellationToken);
            return found.ToDictionary(pod => (string?)pod["metadata"]?["name"] ?? "");
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == System.Net.HttpStatusCode.ServiceUnavailable)
        {
            throw new CliException(
                "the cluster serves no metrics of pods (metrics.k8s.io): ask the platform team for metrics-server.", e);
        }
    }

    /// <summary>What one dyno uses.</summary>
    /// <param name="Metrics">Its PodMetrics; null if there are none yet.</param>
    private sealed record DynoUsage(Dyno Dyno, DynoSize Size, JsonNode? Metrics)
    {
        private decimal? Processor => Usage("cpu");

        private decimal? Memory => Usage("memory");

        private decimal Limit => new ResourceQuantity(Size.MemoryLimit).ToDecimal();

        public IEnumerable<string?> Cells()
        {
            var limit = Mebibytes(Limit);
            return Processor is not { } processor || Memory is not { } memory
                ? [null, null, limit, null]
                :
                [
                    string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(processor * 1000)}m"),
                    Mebibytes(memory),
                    limit,
                    string.Create(CultureInfo.InvariantCulture, $"{Math.Round(memory / Limit * 100)} %"),
                ];
        }

        public JsonObject ToJson() => new()
        {
            ["app"] = Dyno.Spec.App,
            ["dyno"] = DynoNames.Display(Dyno),
            ["size"] = Dyno.Spec.Size,
            ["cpu"] = Processor,
            ["memoryBytes"] = Memory,
            ["memoryLimitBytes"] = Limit,
        };

        private static string Mebibytes(decimal bytes) =>
            string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / Mebibyte)}Mi");

        private decimal? Usage(string resource)
        {
            var values = (Metrics?["containers"]?.AsArray() ?? [])
                .Select(container => (string?)container?["usage"]?[resource])
                .OfType<string>()
                .ToList();
            return values.Count == 0 ? null : values.Sum(value => new ResourceQuantity(value).ToDecimal());
        }
    }
}
