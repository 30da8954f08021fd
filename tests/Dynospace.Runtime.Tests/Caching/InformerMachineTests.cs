using System.Net;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Caching;

public sealed class InformerMachineTests
{
    [Theory]
    [InlineData("Listing", "Listed", false, "Watching", false)]
    [InlineData("Listing", "Gone", false, "Listing", true)]
    [InlineData("Listing", "Failed", false, "Listing", true)]
    [InlineData("Listing", "Rejected", false, "Listing", true)]
    [InlineData("Listing", "Undecodable", false, "Listing", true)]
    [InlineData("Watching", "Closed", false, "Watching", false)]
    [InlineData("Watching", "Closed", true, "Watching", true)]
    [InlineData("Watching", "Silent", false, "Watching", false)]
    [InlineData("Watching", "Gone", false, "Listing", false)]
    [InlineData("Watching", "Gone", true, "Listing", true)]
    [InlineData("Watching", "Undecodable", false, "Listing", true)]
    [InlineData("Watching", "Rejected", false, "Listing", true)]
    [InlineData("Watching", "Failed", false, "Watching", true)]
    public void Next_phase(string phase, string outcome, bool wasShort, string next, bool pauses) => Assert.Equal(
        new InformerStep(Enum.Parse<InformerPhase>(next), pauses),
        InformerMachine.Next(Enum.Parse<InformerPhase>(phase), Enum.Parse<InformerOutcome>(outcome), wasShort));

    [Theory]
    [InlineData(410, "Gone", "Gone")]
    [InlineData(410, "Expired", "Gone")]
    [InlineData(400, "Expired", "Gone")]
    [InlineData(400, "BadRequest", "Rejected")]
    [InlineData(404, "NotFound", "Rejected")]
    [InlineData(401, "Unauthorized", "Failed")]
    [InlineData(403, "Forbidden", "Failed")]
    [InlineData(408, "Timeout", "Failed")]
    [InlineData(429, "TooManyRequests", "Failed")]
    [InlineData(500, "InternalError", "Failed")]
    [InlineData(504, "Timeout", "Failed")]
    public void Refusals_say_whether_the_version_is_still_usable(int code, string reason, string outcome) =>
        Assert.Equal(
        Enum.Parse<InformerOutcome>(outcome),
        InformerResult.FromFailure(new ApiException(new ApiStatus((HttpStatusCode)code, reason, ""))).Outcome);

    [Fact]
    public void Connection_failures_keep_the_version()
    {
        Assert.Equal(InformerOutcome.Failed, InformerResult.FromFailure(new HttpRequestException()).Outcome);
        Assert.Equal(InformerOutcome.Failed, InformerResult.FromFailure(new IOException()).Outcome);
        Assert.Equal(InformerOutcome.Failed, InformerResult.FromFailure(new TimeoutException()).Outcome);
        Assert.Equal(
            InformerOutcome.Undecodable, InformerResult.FromFailure(new UndecodableEventException("x")).Outcome);
    }
}
