using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>The ports 30000 to 32767, which services of type NodePort and LoadBalancer open on every node.</summary>
internal sealed class NodePortPool
{
    private const int First = 30000;
    private const int Last = 32767;

    private readonly Dictionary<(long Port, string Protocol), (string? Namespace, string Name)> _holders = [];
    private long _cursor = First - 1;

    /// <summary>Takes a certain port; the reason if that cannot be.</summary>
    public string? Claim(long port, string protocol, AdmissionContext context)
    {
        if (port is < First or > Last)
        {
            return $"provided port is not in the valid range. The range of valid ports is {First}-{Last}";
        }

        if (IsHeld(port, protocol, context))
        {
            return "provided port is already allocated";
        }

        Remember(port, protocol, context);
        return null;
    }

    /// <summary>Takes the next port that is free in every protocol; 0 when there is none.</summary>
    public long Next(AdmissionContext context)
    {
        for (var tried = First; tried <= Last; tried++)
        {
            _cursor = _cursor >= Last ? First : _cursor + 1;
            if (!IsHeld(_cursor, "TCP", context)
                && !IsHeld(_cursor, "UDP", context)
                && !IsHeld(_cursor, "SCTP", context))
            {
                Remember(_cursor, "TCP", context);
                return _cursor;
            }
        }

        return 0;
    }

    private bool IsHeld(long port, string protocol, AdmissionContext context) =>
        _holders.TryGetValue((port, protocol), out var holder)
        && holder != (context.Namespace, context.Name)
        && context.Registry.Get(KnownResources.Services, holder.Namespace, holder.Name)?.Content.Items("spec", "ports")
            .Any(open => open.Number("nodePort") == port) == true;

    private void Remember(long port, string protocol, AdmissionContext context)
    {
        if (!context.DryRun)
        {
            _holders[(port, protocol)] = (context.Namespace, context.Name);
        }
    }
}
