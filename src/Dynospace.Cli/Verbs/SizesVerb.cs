using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Sizes;
using Dynospace.Runtime.Transport;

namespace Dynospace.Cli.Verbs;

/// <summary><c>dynospace sizes</c>: what each dyno size gives, in the space's cluster where one is named.</summary>
public sealed class SizesVerb
{
    private readonly CliEnvironment _environment;
    private readonly ClientOptions _options;

    private SizesVerb(CliEnvironment environment) => (_environment, _options) = (environment, new(environment));

    public static Command Create(CliEnvironment environment)
    {
        var verb = new SizesVerb(environment);
        return verb._options.OptionalCommand("sizes", "List the dyno sizes and what each gives.", """
            Sizes are those of the space's cluster, whose platform team may have changed or added some; without a space
            they are the platform's own. MEMORY is where the process is ended (R14); GUARANTEED is what the node keeps
            for it. Processor time is shared by CPU shares and without a limit. DISK is the local disk that it may use.
            THREADS is the platform's limit of processes and threads; the node's kubelet (podPidsLimit) enforces its
            own, which dynospace doctor compares.

            Examples:
              dynospace sizes
              dynospace sizes -s acme-prod
              dynospace scale -a shop web=2:Standard-2X

            """, verb.RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, Session? session, CancellationToken cancellationToken)
    {
        var sizes = (await SizesAsync(session, cancellationToken)).All;
        if (_options.FormatOf(parsed) != OutputFormat.Text)
        {
            _options.Print(parsed, new JsonArray([.. sizes.Select(ToJson)]));
            return 0;
        }

        var table = new TextTable("SIZE", "MEMORY", "GUARANTEED", "CPU SHARE", "DISK", "THREADS", "SPACES");
        foreach (var size in sizes)
        {
            table.Add(
                size.Name,
                size.MemoryLimit,
                size.MemoryRequest,
                size.Processor,
                size.Disk,
                size.Threads == 0 ? null : size.Threads.ToString(CultureInfo.InvariantCulture),
                SpacesOf(size));
        }

        table.Write(_environment.Out);
        return 0;
    }

    private async Task<DynoSizeTable> SizesAsync(Session? session, CancellationToken cancellationToken)
    {
        try
        {
            return session is { HasSpace: true }
                ? await ClusterSizes.ReadAsync(session, cancellationToken)
                : DynoSizeTable.Platform;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or ApiException)
        {
            await _environment.Error.WriteLineAsync(
                $"dynospace: the platform's own sizes, since the cluster does not say its: {e.Message}");
            return DynoSizeTable.Platform;
        }
    }

    private static JsonObject ToJson(DynoSize size) => new()
    {
        ["name"] = size.Name,
        ["memoryLimit"] = size.MemoryLimit,
        ["memoryRequest"] = size.MemoryRequest,
        ["cpuRequest"] = size.Processor,
        ["disk"] = size.Disk,
        ["threads"] = size.Threads,
        ["spaces"] = SpacesOf(size),
    };

    private static string SpacesOf(DynoSize size) => size.IsPrivate ? "Private, Shield" : "all";
}
