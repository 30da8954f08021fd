using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Registry;

/// <summary>What a delete came to.</summary>
/// <param name="Object">The last state.</param>
/// <param name="Gone">False when finalizers or a grace period keep the object for now.</param>
internal sealed record DeletionResult(StoredObject Object, bool Gone);
