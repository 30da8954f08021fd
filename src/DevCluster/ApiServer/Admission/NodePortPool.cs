using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>The node ports 30000 to 32767 of Services of type NodePort and LoadBalancer.</summary>
internal sealed class NodePortPool
{
    private const int First = 30000;
    private const int Last = 32767;

    private readonly Dictionary<(long Port, string Protocol), (string? Namespace, string Name)> _holders = [];
    private long _cursor = First - 1;

    /// <summary>Claims a specific port; returns the reason if it is not available.</summary>
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

    /// <summary>Returns the next port that is free in every protocol; 0 if there is none.</summary>
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
