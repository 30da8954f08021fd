namespace DevCluster.Schema.Cel;

/// <param name="IsOptional">Written <c>?key: value</c>: left out when the value is an empty optional.</param>
internal sealed record CelMapEntry(CelExpression Key, CelExpression Value, bool IsOptional);
