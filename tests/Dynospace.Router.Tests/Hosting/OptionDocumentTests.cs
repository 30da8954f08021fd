using Dynospace.Hosting.Options;
using Dynospace.Router.Hosting;

namespace Dynospace.Router.Tests.Hosting;

public sealed class OptionDocumentTests
{
    [Fact]
    public void The_page_on_the_router_has_the_table_of_options() => DocumentSection.Verify(
        RepositoryFolder.Combine("docs", "router.md"),
        "router options",
        OptionDocuments.Markdown(RouterConfiguration.Table));
}
