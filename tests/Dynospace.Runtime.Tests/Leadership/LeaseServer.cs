using System.Text.Json.Nodes;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Leadership;

/// <summary>Serves one lease as the API server does: versions, conflicts, and times with a fraction only.</summary>
internal sealed class LeaseServer : IAsyncDisposable
{
    private readonly ScriptedApiServer _server = ScriptedApiServer.Start();
    private readonly Lock _lock = new();
    private readonly Task _serving;
    private JsonObject? _lease;
    private long _version;

    public LeaseServer() => _serving = ServeAsync();

    /// <summary>While set, every request is refused so.</summary>
    public int? RefuseWith { get; set; }

    /// <summary>While set, connections are cut instead of answered.</summary>
    public bool CutConnections { get; set; }

    public List<string> Problems { get; } = [];

    public string? Holder
    {
        get
        {
            lock (_lock)
            {
                return _lease?["spec"]?["holderIdentity"]?.GetValue<string>();
            }
        }
    }

    public k8s.Kubernetes Client() => _server.Client();

    /// <summary>Puts a lease there as another program wrote it.</summary>
    public void Put(string spec)
    {
        lock (_lock)
        {
            _lease = new JsonObject
            {
                ["apiVersion"] = "coordination.k8s.io/v1",
                ["kind"] = "Lease",
                ["metadata"] = new JsonObject { ["name"] = "op", ["namespace"] = "sys" },
                ["spec"] = JsonNode.Parse(spec),
            };
            Bump();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var request = await _server.NextAsync();
            try
            {
                await ServeAsync(request);
            }
            catch (IOException)
            {
                // The client gave up this request, as an elector does at its deadline.
                request.Cut();
            }
        }
    }

    private async Task ServeAsync(ScriptedRequest request)
    {
        if (CutConnections)
        {
            request.Cut();
        }
        else if (RefuseWith is { } code)
        {
            await request.RefuseAsync(code, "Refused");
        }
        else
        {
            var (answer, status) = Answer(request);
            await request.AnswerAsync(answer, status);
        }
    }

    private (string Body, int Code) Answer(ScriptedRequest request)
    {
        lock (_lock)
        {
            switch (request.Method)
            {
                case "GET":
                    return _lease is null
                        ? (Objects.Status(404, "NotFound", "no lease"), 404)
                        : (_lease.ToJsonString(), 200);
                case "POST" when _lease is not null:
                    return (Objects.Status(409, "AlreadyExists", "there is one"), 409);
                case "PUT" when _lease is null
                    || request.Body!["metadata"]!["resourceVersion"]?.GetValue<string>() != _lease["metadata"]!["resourceVersion"]!.GetValue<string>():
                    return (Objects.Status(409, "Conflict", "another version"), 409);
                default:
                    _lease = request.Body!.DeepClone().AsObject();
                    Check(_lease["spec"]!.AsObject());
                    Bump();
                    return (_lease.ToJsonString(), 200);
            }
        }
    }

    private void Check(JsonObject spec)
    {
        foreach (var name in new[] { "acquireTime", "renewTime" })
        {
            if (spec[name]?.GetValue<string>().Contains('.', StringComparison.Ordinal) == false)
            {
                Problems.Add($"{name} has no fraction");
            }
        }

        if (spec["holderIdentity"]?.GetValue<string>() == "")
        {
            Problems.Add("holderIdentity is empty");
        }

        if (spec["leaseDurationSeconds"]!.GetValue<int>() < 1)
        {
            Problems.Add("leaseDurationSeconds is not positive");
        }
    }

    private void Bump() => _lease!["metadata"]!["resourceVersion"] = $"{++_version}";
}
