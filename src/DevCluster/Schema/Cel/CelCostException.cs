namespace DevCluster.Schema.Cel;

/// <summary>An evaluation took more than it may.</summary>
internal sealed class CelCostException() : Exception("operation cancelled: actual cost limit exceeded");
